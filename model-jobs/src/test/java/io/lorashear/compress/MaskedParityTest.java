package io.lorashear.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withPrecision;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.graph.ModelGraph;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.TorchModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Masked logits are compressed logits, on trained models and against another implementation's. */
@Tag("reference")
class MaskedParityTest {

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

  @Test
  void aNarrowerResidualStreamIsReadBackExactlyFromItsConfiguration() {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/stories260K-hf"))) {
      var graph = checkpoint.graph();
      var plan = WidthPlan.everything().without("hidden", 1, 5, 40);
      var ids = List.of(new Random(7).ints(40, 0, 512).toArray());
      var smaller = Compressor.compress(graph, checkpoint.tensors(), plan);
      var config = Family.of(checkpoint.config()).resized(checkpoint.config(), plan.sizes(graph));
      var again = Family.of(config).trace(config);

      assertThat(again.nodes()).isEqualTo(smaller.graph().nodes());
      var mask = Compressor.mask(PruningSpace.of(graph), checkpoint.tensors(), plan);
      assertThat(logits(again, smaller.tensors(), ids).get(0))
          .containsExactly(logits(graph, mask, ids).get(0), withPrecision(1e-4f));
    }
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
