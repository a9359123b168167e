package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withPrecision;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
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
import io.lorashear.settings.Settings;
import io.lorashear.shape.Free;
import io.lorashear.torch.TorchModel;
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

  @Test
  void wholeExpertsHaveNothingThatReadsThemAlone() {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/mixtral"))) {
      var task = task(checkpoint, settings(Method.WANDA_SP, "experts=true"));
      assertThatThrownBy(() -> Method.WANDA_SP.method().prune(task))
          .hasMessageStartingWith(
              "the method compares groups by one matrix that reads them all, and there is none for"
                  + " layers.0.experts, ");
    }
  }

  private static float[] logits(ModelGraph graph, TensorSource tensors, int[][] ids) {
    try (var model = TorchModel.load(graph, tensors, Device.cpu());
        var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, ids)).toFloatArray();
    }
  }
}
