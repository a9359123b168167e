package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withPrecision;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import io.lorashear.policy.Limits;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.Progress;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Free;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The structured methods of the field on every family. */
@Tag("reference")
class StructuredMethodsTest {
  private static final double RATIO = 0.15;

  private static PruneSettings settings(Method method, String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=dense",
                "corpus=corpus",
                "output=pruned",
                "method=" + Settings.word(method),
                "ratio=" + RATIO,
                "train.rows=2"));
    values.addAll(List.of(more));
    return Settings.defaults(PruneSettings.class, values);
  }

  private static PruningMethod.Task task(Checkpoint checkpoint, PruneSettings settings) {
    return new PruningMethod.Task(
        checkpoint.config(),
        checkpoint.graph(),
        checkpoint.tensors(),
        settings,
        new Limits(Set.of(), Map.of(), Free.ANY),
        rows(checkpoint.config().vocabularySize()),
        Device.cpu(),
        null,
        Progress.silent());
  }

  static List<Sequence> rows(int vocabulary) {
    var random = new Random(3);
    var rows = new ArrayList<Sequence>();
    for (int n = 0; n < 4; n++) {
      var mask = new byte[24];
      Arrays.fill(mask, (byte) 1);
      var ids = random.ints(24, 0, vocabulary).toArray();
      rows.add(new Sequence("noise", Sequence.TRAIN, "row-" + n, ids, mask));
    }
    return rows;
  }

  /** The ratio is met within one group, and what is left says what the masked model says. */
  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void everyMethodPrunesEveryFamily(String family) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      var graph = checkpoint.graph();
      var space = PruningSpace.of(graph);
      long largest =
          space.prunable(PruningSpace.STRUCTURES).stream()
              .mapToLong(axis -> space.cost(axis.axis(), Widths.TRACED))
              .max()
              .orElseThrow();
      var ids = new int[][] {new Random(5).ints(24, 0, 90).toArray()};
      for (var method : List.of(Method.LLM_PRUNER, Method.WANDA_SP, Method.FLAP, Method.OBS)) {
        var task = task(checkpoint, settings(method));
        try (var outcome = method.method().prune(task)) {
          var plan = outcome.plan();
          long removed = graph.parameterCount() - plan.parameters(outcome.graph());
          assertThat((double) removed)
              .as("%s of %s", method, family)
              .isBetween(
                  RATIO * graph.parameterCount() - largest,
                  RATIO * graph.parameterCount() + largest);
          var whole = outcome.graph();
          var masked = Compressor.mask(PruningSpace.of(whole), outcome.tensors(), plan);
          var small = Compressor.compress(whole, outcome.tensors(), plan);
          var expected = logits(whole, masked, ids);
          assertThat(logits(small.graph(), small.tensors(), ids))
              .as("%s of %s", method, family)
              .containsExactly(expected, withPrecision(1e-4f));
          assertThat(expected).isNotEqualTo(logits(graph, checkpoint.tensors(), ids));
          var config = Family.of(outcome.config()).resized(outcome.config(), small.graph());
          var parsed = ModelConfig.parse(config.fields(), "a test");
          assertThat(Family.of(parsed).trace(parsed).nodes()).isEqualTo(small.graph().nodes());
          if (method == Method.FLAP) {
            expectBiases(outcome, checkpoint.config());
          } else {
            expectTheSameShare(space, plan.removed()::count);
          }
        }
      }
    }
  }

  /** Of the matrices that lost something, those have a bias whose families have a field for it. */
  /** Σ|w·g| of a group's rows and columns, by plain loops; per parameter, alike in each kind. */
  @Test
  void taylorIsTheProductOfWeightsAndGradients() {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/llama"));
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu())) {
      var task = task(checkpoint, settings(Method.TAYLOR));
      var axes = task.axes(model, List.of());
      var scores = new Taylor().scores(new Calibration(task, model, axes));
      model.trainable(checkpoint.graph().parameters().keySet());
      task.calibration().forEach(row -> Batch.of(List.of(row)).backward(model, 1));
      for (var kind : List.of(AxisRole.KEY_VALUE_HEADS, AxisRole.CHANNELS)) {
        var ours = new ArrayList<Double>();
        var plain = new ArrayList<Double>();
        for (int i = 0; i < axes.size(); i++) {
          for (int g = 0; g < axes.get(i).size() && axes.get(i).role() == kind; g++) {
            ours.add(scores.get(i)[g]);
            plain.add(product(model, axes.get(i), g) / axes.get(i).cost());
          }
        }
        double root = Math.sqrt(plain.stream().mapToDouble(s -> s * s).average().orElseThrow());
        assertThat(ours).hasSizeGreaterThan(3);
        for (int n = 0; n < ours.size(); n++) {
          assertThat(ours.get(n)).isCloseTo(plain.get(n) / root, within(1e-3));
        }
      }
    }
  }

  private static double product(TorchModel model, AxisWeights axis, int group) {
    var layer = "model." + axis.name().replaceAll("(layers\\.\\d+)\\..*", "$1");
    boolean heads = axis.role() == AxisRole.KEY_VALUE_HEADS;
    var names =
        heads
            ? List.of(
                "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj")
            : List.of("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj");
    double sum = 0;
    for (var name : names) {
      var weight = model.parameter(layer + "." + name + ".weight");
      try (var scope = model.manager().newSubManager()) {
        var w = weight.toFloatArray();
        var g = model.gradient(scope, layer + "." + name + ".weight").toFloatArray();
        int columns = (int) weight.getShape().get(1);
        boolean byColumn = name.equals(names.get(names.size() - 1));
        int positions = byColumn ? columns : w.length / columns;
        for (int n = 0; n < w.length; n++) {
          int position = byColumn ? n % columns : n / columns;
          sum += position / (positions / axis.size()) == group ? Math.abs(w[n] * g[n]) : 0;
        }
      }
    }
    return sum;
  }

  private static void expectBiases(PruningMethod.Outcome outcome, ModelConfig config) {
    var without = new ArrayList<String>();
    outcome.report().get("withoutBias").forEach(name -> without.add(name.asText()));
    var attention = Set.of("gemma", "gemma2", "gpt2", "gpt_neox", "llama", "olmo2", "qwen3");
    boolean attends = without.stream().anyMatch(name -> name.matches(".*(o_proj|dense|attn).*"));
    boolean feeds = without.stream().anyMatch(name -> name.matches(".*(down_proj|w2|mlp).*"));
    assertThat(attends && attention.contains(config.modelType())).as("%s", without).isFalse();
    assertThat(feeds)
        .as(config.modelType())
        .isEqualTo(!Set.of("gpt2", "gpt_neox", "llama").contains(config.modelType()));
    if (config.modelType().equals("llama")) {
      assertThat(outcome.config().flag("mlp_bias")).isTrue();
      var bias = outcome.tensors().floats("model.layers.1.mlp.down_proj.bias");
      assertThat(bias).isNotEqualTo(new float[bias.length]);
    }
  }

  private static void expectTheSameShare(PruningSpace space, ToIntFunction<String> gone) {
    for (var role : List.of(AxisRole.CHANNELS, AxisRole.KEY_VALUE_HEADS)) {
      var counts =
          space.prunable(Set.of(role)).stream()
              .mapToInt(axis -> gone.applyAsInt(axis.name()))
              .summaryStatistics();
      assertThat(counts.getMax() - counts.getMin()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void compensationIsRefusedBesideOneOfTheMethodsOwn() {
    assertThatThrownBy(() -> settings(Method.FLAP, "compensation.rows=8"))
        .hasMessageContaining(
            "compensation.rows is 8, but method is flap, which has a way of its own with what"
                + " stays: set it to 0");
  }

  @ParameterizedTest
  @EnumSource(names = {"LLM_PRUNER", "WANDA_SP", "FLAP", "OBS"})
  void wholeExpertsGoAsGroups(Method method) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/mixtral"))) {
      var task = task(checkpoint, settings(method, "experts=true", "ratio=0.25"));
      try (var outcome = method.method().prune(task)) {
        expectExpertsGone(task, outcome, method);
        if (method == Method.FLAP) {
          expectGoneExpertsWithoutBias(outcome);
        }
      }
    }
  }

  /** A router that does not norm what it chooses, and layers without experts between. */
  @ParameterizedTest
  @EnumSource(names = {"LLM_PRUNER", "WANDA_SP", "FLAP", "OBS"})
  void wholeExpertsGoBesidePlainLayers(Method method) {
    var fields = JsonFile.object();
    fields.put("model_type", "qwen3_moe").put("num_hidden_layers", 4).put("head_dim", 8);
    fields.put("vocab_size", 90).put("hidden_size", 32).put("intermediate_size", 20);
    fields.put("num_attention_heads", 4).put("num_key_value_heads", 2);
    fields.put("max_position_embeddings", 64).put("moe_intermediate_size", 12);
    fields.put("num_experts", 6).put("num_experts_per_tok", 2).put("decoder_sparse_step", 2);
    var config = ModelConfig.parse(fields, "a test");
    var graph = Family.of(config).trace(config);
    var settings = settings(method, "experts=true", "ratio=0.2");
    var limits = new Limits(Set.of(), Map.of(), Free.ANY);
    var task =
        new PruningMethod.Task(
            config,
            graph,
            SmallModels.weights(config, 7),
            settings,
            limits,
            rows(90),
            Device.cpu(),
            null,
            Progress.silent());
    try (var outcome = method.method().prune(task)) {
      expectExpertsGone(task, outcome, method);
    }
  }

  private static void expectExpertsGone(
      PruningMethod.Task task, PruningMethod.Outcome outcome, Method method) {
    var plan = outcome.plan();
    var graph = outcome.graph();
    var experts =
        PruningSpace.of(graph).prunable(Set.of(AxisRole.EXPERTS)).stream()
            .mapToInt(axis -> plan.removed().count(axis.name()))
            .summaryStatistics();
    assertThat(experts.getSum()).isGreaterThanOrEqualTo(3);
    assertThat(experts.getMax()).isLessThanOrEqualTo(4); // a token goes to two
    assertThat(plan.removed().axes()).noneMatch(axis -> axis.contains("channels"));
    var ids = new int[][] {new Random(5).ints(24, 0, 90).toArray()};
    var masked = Compressor.mask(PruningSpace.of(graph), outcome.tensors(), plan);
    var small = Compressor.compress(graph, outcome.tensors(), plan);
    var expected = logits(graph, masked, ids);
    assertThat(logits(small.graph(), small.tensors(), ids))
        .containsExactly(expected, withPrecision(1e-4f));
    assertThat(expected).isNotEqualTo(logits(task.graph(), task.tensors(), ids));
    if (method != Method.FLAP) {
      assertThat(experts.getMax() - experts.getMin()).isLessThanOrEqualTo(1);
    }
  }

  private static void expectGoneExpertsWithoutBias(PruningMethod.Outcome outcome) {
    var without = new ArrayList<String>();
    outcome.report().get("withoutBias").forEach(name -> without.add(name.asText()));
    var expected = new ArrayList<String>();
    for (int layer = 0; layer < 3; layer++) {
      int at = layer;
      outcome.plan().removed().indices("layers." + layer + ".experts").stream()
          .mapToObj(e -> "model.layers.%d.block_sparse_moe.experts.%d.w2.weight".formatted(at, e))
          .forEach(expected::add);
    }
    assertThat(without.stream().filter(name -> name.contains("experts")))
        .containsExactlyElementsOf(expected);
  }

  private static float[] logits(ModelGraph graph, TensorSource tensors, int[][] ids) {
    try (var model = TorchModel.load(graph, tensors, Device.cpu());
        var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, ids)).toFloatArray();
    }
  }
}
