package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withPrecision;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Widths;
import io.lorashear.policy.Limits;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.Progress;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.settings.Settings;
import io.lorashear.torch.TorchModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** LLM-Pruner's channel form: the residual stream gets narrower, in all layers alike. */
class ResidualChannelsTest {
  /** What kernels like, and what transformers 5 asks of a Llama: a multiple of its heads. */
  @Test
  void theWidthIsAMultiple() {
    var graph = Family.of(SameShareTest.llama7b()).trace(SameShareTest.llama7b());
    var settings = settings("llama-7b", "ratio=0.2", "multiple=64");
    var space = PruningSpace.of(graph);
    var gone =
        Limits.of(settings, SameShareTest.llama7b(), space)
            .budget(settings, graph.parameterCount())
            .choose(List.of(hidden(space)), List.of(new Random(1).doubles(4096).toArray()));
    assertThat(4096 - gone.count("hidden")).isEqualTo(51 * 64); // 3,276.8 would be a fifth less
  }

  private static AxisWeights hidden(PruningSpace space) {
    var axis = space.axis("hidden");
    return new AxisWeights(axis, space.cost(axis.axis(), Widths.TRACED), List.of());
  }

  private static PruneSettings settings(String folder, String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=" + folder,
                "corpus=corpus",
                "output=pruned",
                "method=llm-pruner",
                "llmPruner.by=channel",
                "train.rows=2"));
    values.addAll(List.of(more));
    return Settings.defaults(PruneSettings.class, values);
  }

  private static float[] logits(ModelGraph graph, TensorSource tensors, int[][] ids) {
    try (var model = TorchModel.load(graph, tensors, Device.cpu());
        var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, ids)).toFloatArray();
    }
  }

  private static PruningMethod.Task task(Checkpoint checkpoint, PruneSettings settings) {
    var space = PruningSpace.of(checkpoint.graph());
    return new PruningMethod.Task(
        checkpoint.config(),
        checkpoint.graph(),
        checkpoint.tensors(),
        settings,
        Limits.of(settings, checkpoint.config(), space),
        StructuredMethodsTest.rows(checkpoint.config().vocabularySize()),
        Device.cpu(),
        null,
        Progress.silent());
  }

  @ParameterizedTest
  @Tag("reference")
  @ValueSource(
      strings = {
        "llama",
        "llama-mha-bias",
        "mistral",
        "mixtral",
        "olmo2",
        "phi3",
        "qwen2",
        "qwen3"
      })
  void whatIsLeftSaysWhatTheMaskedModelSays(String family) {
    var folder = ReferenceData.path("reference/families/" + family).toString();
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      var graph = checkpoint.graph();
      var task = task(checkpoint, settings(folder, "ratio=0.2"));
      try (var outcome = Method.LLM_PRUNER.method().prune(task)) {
        var plan = outcome.plan();
        assertThat(plan.removed().axes()).containsExactly("hidden");
        int hidden = checkpoint.config().hiddenSize();
        assertThat(plan.groups()).isEqualTo((int) Math.ceil(0.2 * hidden));
        var ids = new int[][] {new Random(5).ints(24, 0, 90).toArray()};
        var masked = Compressor.mask(PruningSpace.of(graph), outcome.tensors(), plan);
        var small = Compressor.compress(graph, outcome.tensors(), plan);
        var expected = logits(graph, masked, ids);
        assertThat(logits(small.graph(), small.tensors(), ids))
            .containsExactly(expected, withPrecision(1e-3f));
        assertThat(expected).isNotEqualTo(logits(graph, checkpoint.tensors(), ids));
        var config = Family.of(outcome.config()).resized(outcome.config(), small.graph());
        var parsed = ModelConfig.parse(config.fields(), "a test");
        assertThat(parsed.hiddenSize()).isEqualTo(hidden - plan.groups());
        assertThat(Family.of(parsed).trace(parsed).parameterCount())
            .isEqualTo(plan.parameters(graph));
      }
    }
  }

  /**
   * All of a channel: columns of the embedding, norms, what writes the stream and what reads it.
   */
  @Test
  @Tag("reference")
  void theWeightScoreAddsUpAllThatHasTheChannel() {
    var folder = ReferenceData.path("reference/families/llama");
    var settings = settings(folder.toString(), "ratio=0.2", "llmPruner.score=weight");
    try (var checkpoint = Checkpoint.open(folder);
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu())) {
      int hidden = checkpoint.config().hiddenSize();
      var expected = new double[hidden];
      for (var parameter : checkpoint.graph().parameters().values()) {
        var w = checkpoint.tensors().floats(parameter.name());
        boolean byRows =
            parameter.name().matches(".*(o_proj|down_proj|norm).weight"); // of rows of this width
        int columns = (int) (w.length / parameter.shape()[0]);
        for (int i = 0; i < w.length; i++) {
          expected[byRows ? i / columns : i % columns] += (double) w[i] * w[i];
        }
      }
      var calibration = new Calibration(task(checkpoint, settings), model);
      assertThat(calibration.axes().stream().map(AxisWeights::name)).containsExactly("hidden");
      var scores = new LlmPruner().scores(calibration).get(0);
      for (int c = 0; c < hidden; c++) {
        assertThat(scores[c]).isCloseTo(expected[c], within(1e-4 * expected[c]));
      }
    }
  }

  /** As their code, which rounds down what stays. */
  @ParameterizedTest
  @CsvSource({"0.2, 3276, 5389416396", "0.5, 2048, 3369207808"})
  void llama7bHasTheParametersOfItsAuthors(double ratio, int left, long parameters) {
    var graph = Family.of(SameShareTest.llama7b()).trace(SameShareTest.llama7b());
    var settings = settings("llama-7b", "ratio=" + ratio);
    var space = PruningSpace.of(graph);
    var limits = Limits.of(settings, SameShareTest.llama7b(), space);
    var axis = hidden(space);
    assertThat(space.removable(settings.structures())).containsExactly(axis.axis());
    assertThat(axis.cost() * 4096).isEqualTo(graph.parameterCount());
    var gone =
        limits
            .budget(settings, graph.parameterCount())
            .choose(List.of(axis), List.of(new Random(1).doubles(4096).toArray()));
    assertThat(4096 - gone.count("hidden")).isEqualTo(left);
    assertThat(new WidthPlan(gone).parameters(graph)).isEqualTo(parameters);
  }

  @ParameterizedTest
  @Tag("reference")
  @ValueSource(strings = {"gpt2", "gpt_neox", "gemma", "gemma2"})
  void aStreamWhoseSizeIsPartOfWhatItSaysIsRefused(String family) {
    var folder = ReferenceData.path("reference/families/" + family);
    try (var checkpoint = Checkpoint.open(folder)) {
      var settings = settings(folder.toString(), "ratio=0.2");
      var space = PruningSpace.of(checkpoint.graph());
      assertThatThrownBy(() -> Limits.check(settings, checkpoint.config(), space))
          .hasMessageStartingWith("channels of the residual stream of " + folder + " cannot go: ")
          .hasMessageEndingWith(
              ". Choose heads and channels of single layers (llmPruner.by: block)");
    }
  }

  @Test
  void whatKnowsOfLayersIsRefusedBesideIt() {
    assertThatThrownBy(
            () ->
                settings(
                    "dense",
                    "protect=[layers.0.mlp.channels]",
                    "experts=true",
                    "shape=uniform",
                    "compensation.rows=4"))
        .hasMessageContaining(
            "llmPruner.by is channel, which takes the same channels out of all layers, but protect"
                + " names [layers.0.mlp.channels]: no layer stays as it is, leave it out")
        .hasMessageContaining("but experts is true: leave one of the two out")
        .hasMessageContaining(
            "but shape is uniform, which is about widths inside layers: leave it out")
        .hasMessageContaining("but compensation.rows is 4: set it to 0");
    assertThatThrownBy(() -> settings("dense", "profile=profile"))
        .hasMessageContaining("but there is a profile, which tells layers apart: leave it out");
  }

  @Test
  void blocksAreTheDefault() {
    var usual = Settings.defaults(LlmPrunerSettings.class, List.of());
    assertThat(usual.by()).isEqualTo(LlmPrunerSettings.By.BLOCK);
  }
}
