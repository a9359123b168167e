package io.lorashear.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withPrecision;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.dependency.PrunableAxis.Status;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.dependency.Sublayer;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.LoraFold;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.TorchModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Masked logits are compressed logits, on trained models and against another implementation's. */
@Tag("reference")
class MaskedParityTest {
  private static final Set<AxisRole> REMOVABLE =
      EnumSet.of(
          AxisRole.KEY_VALUE_HEADS, AxisRole.CHANNELS, AxisRole.QUERY_GROUP, AxisRole.EXPERTS);

  private static final List<int[]> IDS = List.of(new Random(5).ints(24, 0, 320).toArray());

  @Test
  void smolLm2LosesTheListedGroupsAsItDoesElsewhere() throws IOException {
    var expected =
        new ObjectMapper()
            .readTree(ReferenceData.path("reference/smollm2-135m/masked.json").toFile());
    try (var checkpoint = Checkpoint.open(ReferenceData.smolLm2())) {
      var graph = checkpoint.graph();
      var plan = listed(expected);
      assertThat(plan.parameters(graph)).isEqualTo(expected.get("parameters_left").asLong());

      var mask = Compressor.mask(PruningSpace.of(graph), checkpoint.tensors(), plan);
      var smaller = Compressor.compress(graph, checkpoint.tensors(), plan);
      var prompts = expected.get("prompts");
      var masked = lastLogits(graph, mask, prompts);
      var compressed = lastLogits(smaller.graph(), smaller.tensors(), prompts);

      for (int i = 0; i < prompts.size(); i++) {
        assertThat(compressed.get(i)).containsExactly(masked.get(i), withPrecision(1e-3f));
        for (var top : prompts.get(i).get("last_top10")) {
          assertThat(compressed.get(i)[top.get(0).asInt()])
              .isCloseTo(top.get(1).floatValue(), within(1e-3f));
        }
      }
    }
  }

  @Test
  void aSmallTrainedModelLosesRandomGroupsExactly() {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/stories260K-hf"))) {
      var graph = checkpoint.graph();
      var space = PruningSpace.of(graph);
      var random = new Random(7);
      var plan = WidthPlan.everything();
      for (var axis : space.prunable(PruningSpace.STRUCTURES)) {
        var gone = IntStream.range(1, axis.size()).filter(i -> random.nextInt(3) == 0).toArray();
        plan = plan.without(axis.name(), gone);
      }
      var ids = List.of(random.ints(40, 0, 512).toArray());
      var smaller = Compressor.compress(graph, checkpoint.tensors(), plan);

      var masked = logits(graph, Compressor.mask(space, checkpoint.tensors(), plan), ids);
      var compressed = logits(smaller.graph(), smaller.tensors(), ids);
      assertThat(compressed.get(0)).containsExactly(masked.get(0), withPrecision(1e-4f));
    }
  }

  /** With an ε that is not small beside the mean square: none of its changes may be left out. */
  @ParameterizedTest
  @ValueSource(
      strings = {"llama-mha-bias", "mistral", "mixtral", "olmo2", "phi3", "qwen2", "qwen3"})
  void aNarrowerResidualStreamIsReadBackExactlyFromItsConfiguration(String family) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      var fields = checkpoint.config().fields().deepCopy().put("rms_norm_eps", 0.3);
      var config = ModelConfig.parse(fields, "a test");
      var graph = Family.of(config).trace(config);
      var plan = uneven(PruningSpace.of(graph), REMOVABLE, 14).without("hidden", 1, 5, 40);
      var smaller = expectExact(graph, checkpoint.tensors(), plan);
      var resized = Family.of(config).resized(config, smaller);
      assertThat(Family.of(resized).trace(resized).nodes()).isEqualTo(smaller.nodes());
    }
  }

  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void everyFamilyLosesRandomGroupsExactly(String family) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      var graph = checkpoint.graph();
      var plan = uneven(PruningSpace.of(graph), REMOVABLE, 11);
      var again = expectExact(graph, checkpoint.tensors(), plan);

      var config = Family.of(checkpoint.config()).resized(checkpoint.config(), again);
      var parsed = ModelConfig.parse(config.fields(), "a test");
      assertThat(Family.of(parsed).trace(parsed).nodes()).isEqualTo(again.nodes());
    }
  }

  /** The first layer loses its MLP, the next its attention, the last both. */
  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void everyFamilyLosesWholeAttentionsAndMlpsExactly(String family) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      var graph = checkpoint.graph();
      var last = checkpoint.config().layers().size() - 1;
      var plan = uneven(PruningSpace.of(graph), EnumSet.of(AxisRole.CHANNELS), 15);
      for (var part : PruningSpace.of(graph).sublayers()) {
        boolean gone =
            part.layer().equals(part.attention() ? "layers.1" : "layers.0")
                || part.layer().equals("layers." + last);
        plan = gone ? plan.without(part.axis().name(), all(part)) : plan;
      }
      var again = expectExact(graph, checkpoint.tensors(), plan);
      assertThat(again.parameterCount()).isEqualTo(plan.parameters(graph));

      var config = Family.of(checkpoint.config()).resized(checkpoint.config(), again);
      assertThat(config.layers().get(0).mlps()).containsExactly(0);
      assertThat(config.layers().get(1).keyValueHeads()).isZero();
      var parsed = ModelConfig.parse(config.fields(), "a test");
      assertThat(parsed.layers()).isEqualTo(config.layers());
      assertThat(Family.of(parsed).trace(parsed).nodes()).isEqualTo(again.nodes());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama-mha-bias", "mixtral", "olmo2"})
  void wholeAttentionsAndMlpsGoExactlyBesideLora(String family) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      var lora = LoraRewrite.apply(checkpoint.graph(), new LoraSettings(4, 8, List.of()));
      var plan = WidthPlan.everything();
      for (var part : PruningSpace.of(lora.graph()).sublayers()) {
        plan = part.layer().equals("layers.1") ? plan.without(part.axis().name(), all(part)) : plan;
      }
      expectExact(lora.graph(), withPairs(checkpoint.tensors(), lora.graph()), plan);
    }
  }

  /** The middle layer is gone, the last has no attention: what is kept of a text has gaps there. */
  @Test
  void aModelWithoutPartsGoesOnFromWhatItKept() {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/llama"))) {
      var graph = checkpoint.graph();
      var plan = WidthPlan.everything();
      for (var part : PruningSpace.of(graph).sublayers()) {
        boolean gone =
            part.layer().equals("layers.1") || part.layer().equals("layers.2") && part.attention();
        plan = gone ? plan.without(part.axis().name(), all(part)) : plan;
      }
      var smaller = Compressor.compress(graph, checkpoint.tensors(), plan);
      var ids = IDS.get(0);
      try (var model = TorchModel.load(smaller.graph(), smaller.tensors(), Device.cpu());
          var text = model.continuation()) {
        text.logits(Arrays.copyOf(ids, ids.length - 3));
        var last = text.logits(Arrays.copyOfRange(ids, ids.length - 3, ids.length));
        assertThat(last)
            .containsExactly(
                logits(smaller.graph(), smaller.tensors(), IDS).get(0), withPrecision(1e-4f));
      }
    }
  }

  private static int[] all(Sublayer part) {
    return IntStream.range(0, part.axis().size()).toArray();
  }

  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void everyFamilyLosesRandomGroupsExactlyBesideLoraAndAfterItIsFoldedIn(String family) {
    expectExactBesideLora(family, List.of());
  }

  @Test
  void expertsGoExactlyBesideAPairOnTheirRouterAndAfterItIsFoldedIn() {
    expectExactBesideLora("mixtral", List.of("gate", "w2"));
  }

  private static void expectExactBesideLora(String family, List<String> targets) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      var graph = checkpoint.graph();
      var lora = LoraRewrite.apply(graph, new LoraSettings(4, 8, targets));
      var tensors = withPairs(checkpoint.tensors(), lora.graph());
      var ranks = EnumSet.copyOf(REMOVABLE);
      ranks.add(AxisRole.RANK);
      expectExact(lora.graph(), tensors, uneven(PruningSpace.of(lora.graph()), ranks, 12));

      try (var model = TorchModel.load(lora.graph(), tensors, Device.cpu())) {
        new LoraFold(graph, lora.bindings(), model::parameter).fold();
        var adapted = logits(lora.graph(), tensors, IDS).get(0);
        assertThat(logits(graph, model.tensors(), IDS).get(0))
            .containsExactly(adapted, withPrecision(1e-4f));
        expectExact(graph, model.tensors(), uneven(PruningSpace.of(graph), REMOVABLE, 13));
      }
    }
  }

  private static ModelGraph expectExact(ModelGraph graph, TensorSource tensors, WidthPlan plan) {
    var masked = Compressor.mask(PruningSpace.of(graph), tensors, plan);
    var smaller = Compressor.compress(graph, tensors, plan);
    var expected = logits(graph, masked, IDS).get(0);
    assertThat(expected).isNotEqualTo(logits(graph, tensors, IDS).get(0));
    assertThat(logits(smaller.graph(), smaller.tensors(), IDS).get(0))
        .containsExactly(expected, withPrecision(1e-4f));
    return smaller.graph();
  }

  /** From every axis of these roles that may lose an index: one to all but one. */
  private static WidthPlan uneven(PruningSpace space, Set<AxisRole> roles, long seed) {
    var random = new Random(seed);
    var plan = WidthPlan.everything();
    for (var axis : space.axes()) {
      if (axis.status() != Status.UNPRUNABLE && roles.contains(axis.role())) {
        var order = new ArrayList<>(IntStream.range(0, axis.size()).boxed().toList());
        Collections.shuffle(order, random);
        var gone = order.subList(0, 1 + random.nextInt(axis.size() - axis.least()));
        plan = plan.without(axis.name(), gone.stream().mapToInt(i -> i).toArray());
      }
    }
    return plan;
  }

  /** The tensors, and random pairs that change what the model computes. */
  private static TensorSource withPairs(TensorSource tensors, ModelGraph graph) {
    var random = new Random(3);
    var all = new InMemoryTensors();
    for (var parameter : graph.parameters().values()) {
      var values = new float[(int) parameter.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian() * 0.1f;
      }
      boolean base = tensors.tensors().containsKey(parameter.name());
      all.put(
          parameter.name(), base ? tensors.floats(parameter.name()) : values, parameter.shape());
    }
    return all;
  }

  private static WidthPlan listed(JsonNode expected) {
    var plan = WidthPlan.everything();
    for (int layer = 3; layer <= 27; layer++) {
      int shift = 13 * layer;
      var channels = IntStream.range(0, 1536).filter(j -> (7 * j + shift) % 5 == 0).toArray();
      plan = plan.without("layers." + layer + ".mlp.channels", channels);
    }
    for (var layer : (Iterable<String>) () -> expected.get("kv_heads").fieldNames()) {
      var heads =
          StreamSupport.stream(expected.get("kv_heads").get(layer).spliterator(), false)
              .mapToInt(JsonNode::asInt)
              .toArray();
      plan = plan.without("layers." + layer + ".attention.kvHeads", heads);
    }
    return plan;
  }

  private static List<float[]> lastLogits(
      ModelGraph graph, TensorSource tensors, JsonNode prompts) {
    var ids = new ArrayList<int[]>();
    prompts.forEach(
        prompt ->
            ids.add(
                StreamSupport.stream(prompt.get("ids").spliterator(), false)
                    .mapToInt(JsonNode::asInt)
                    .toArray()));
    return logits(graph, tensors, ids);
  }

  /** Logits of the last position of each sequence. */
  private static List<float[]> logits(ModelGraph graph, TensorSource tensors, List<int[]> ids) {
    try (var model = TorchModel.load(graph, tensors, Device.cpu())) {
      var all = new ArrayList<float[]>();
      for (var row : ids) {
        try (var scope = model.manager().newSubManager()) {
          var last = scope.create(new long[] {row.length - 1});
          all.add(model.logits(scope, model.ids(scope, row), last).toFloatArray());
        }
      }
      return all;
    }
  }
}
