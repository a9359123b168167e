package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withPrecision;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.prune.PruneStage;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.settings.Settings;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DepthTest {
  private static final int LAYERS = 5;
  private static final int ATTENTION = 2 * 16 * 16 + 2 * 16 * 8 + 16; // q, o; k, v; norm
  private static final int MLP = 3 * 16 * 12 + 16; // gate, up, down; norm
  private static final int TOTAL = LAYERS * (ATTENTION + MLP) + 256 * 16 + 16;

  @TempDir Path folder;

  @BeforeEach
  void corpusAndModel() throws IOException {
    SmallCorpus.write(folder.resolve("corpus"));
    var fields = TinyModel.config(256).fields().put("num_hidden_layers", LAYERS);
    var config = ModelConfig.parse(fields, "a test");
    var weights = TinyModel.weights(Family.of(config).trace(config), 1);
    CheckpointWriter.write(folder.resolve("dense"), config, weights, List.of());
  }

  private PublishedDirectory prune(String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=" + folder.resolve("dense"),
                "corpus=" + folder.resolve("corpus"),
                "output=" + folder.resolve("pruned"),
                "method=depth",
                "unprunable=0",
                "rows=4"));
    values.addAll(List.of(more));
    return PruneStage.run(
        Settings.defaults(PruneSettings.class, values), false, Device.cpu(), Progress.silent());
  }

  private static List<String> gone(JsonNode report) {
    return parts(report).stream()
        .filter(part -> part.path("gone").asBoolean())
        .map(part -> part.path("part").asText())
        .toList();
  }

  private static List<JsonNode> parts(JsonNode report) {
    return StreamSupport.stream(report.path("run").path("influence").spliterator(), false).toList();
  }

  private static List<String> least(JsonNode report, int count) {
    return parts(report).stream()
        .sorted(Comparator.comparingDouble(part -> part.path("influence").asDouble()))
        .limit(count)
        .map(part -> part.path("part").asText())
        .sorted()
        .toList();
  }

  @Test
  void theLeastInfluentialBlocksAreNoLongerThere() {
    var published = prune("ratio=0.3");
    var report = JsonFile.read(published.file(PruneStage.REPORT));
    int wanted = Math.round(0.3f * TOTAL / (ATTENTION + MLP));
    assertThat(wanted).isEqualTo(2);
    assertThat(gone(report)).isEqualTo(least(report, 2));
    assertThat(report.path("parametersBefore").asInt()).isEqualTo(TOTAL);
    assertThat(report.path("parametersAfter").asInt()).isEqualTo(TOTAL - 2 * (ATTENTION + MLP));
    assertThat(report.path("run").path("parametersOfDepth").asInt())
        .isEqualTo(2 * (ATTENTION + MLP));
    try (var smaller = Checkpoint.open(published.directory())) {
      for (int layer = 0; layer < LAYERS; layer++) {
        boolean left = !gone(report).contains("layers." + layer);
        assertThat(smaller.config().layers().get(layer))
            .isEqualTo(left ? new LayerWidths(4, 2, 12) : new LayerWidths(0, 0, 0));
      }
      expectMasked(report, smaller);
    }
  }

  /** The dense model with what went set to zero says the same. */
  private void expectMasked(JsonNode report, Checkpoint smaller) {
    try (var dense = Checkpoint.open(folder.resolve("dense"))) {
      var plan = WidthPlan.fromJson(report.path("removed"));
      var masked = Compressor.mask(PruningSpace.of(dense.graph()), dense.tensors(), plan);
      assertThat(logits(smaller.graph(), smaller.tensors()))
          .isNotEqualTo(logits(dense.graph(), dense.tensors()))
          .containsExactly(logits(dense.graph(), masked), withPrecision(1e-4f));
    }
  }

  private static float[] logits(ModelGraph graph, TensorSource tensors) {
    try (var model = TorchModel.load(graph, tensors, Device.cpu());
        var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, new int[] {3, 9, 100, 7, 55})).toFloatArray();
    }
  }

  @Test
  void attentionsAndMlpsGoEachByItself() {
    var published = prune("ratio=0.3", "depth.what=sublayers");
    var report = JsonFile.read(published.file(PruneStage.REPORT));
    assertThat(parts(report)).hasSize(2 * LAYERS);
    assertThat(gone(report)).isEqualTo(least(report, gone(report).size()));
    long attentions = gone(report).stream().filter(part -> part.endsWith("attention")).count();
    long mlps = gone(report).size() - attentions;
    assertThat(TOTAL - report.path("parametersAfter").asInt())
        .isEqualTo((int) (attentions * ATTENTION + mlps * MLP));
    try (var smaller = Checkpoint.open(published.directory())) {
      expectMasked(report, smaller);
    }
  }

  /** Two blocks are less than the budget, and the rest is met within one group. */
  @Test
  void widthMeetsWhatBlocksLeaveOfTheBudget() {
    var published = prune("ratio=0.3", "depth.rest=width");
    var report = JsonFile.read(published.file(PruneStage.REPORT));
    assertThat(gone(report)).isEqualTo(least(report, 2));
    int removed = TOTAL - report.path("parametersAfter").asInt();
    int head = 2 * (2 * 16 * 4) + 2 * 16 * 4; // q and o of two heads, k and v of one
    assertThat(removed - Math.round(0.3 * TOTAL)).isBetween(0L, (long) head);
    assertThat(report.path("groupsRemoved").asInt()).isGreaterThan(2 * (2 + 12));
    try (var smaller = Checkpoint.open(published.directory())) {
      expectMasked(report, smaller);
    }
  }

  /** Less than one block: none goes, heads and channels do, and that is said. */
  @Test
  void widthAloneMeetsABudgetOfLessThanABlock() {
    var published = prune("ratio=0.05", "depth.rest=width");
    var report = JsonFile.read(published.file(PruneStage.REPORT));
    assertThat(gone(report)).isEmpty();
    assertThat(report.path("run").path("parametersOfDepth").asInt()).isZero();
    int removed = TOTAL - report.path("parametersAfter").asInt();
    int head = 2 * (2 * 16 * 4) + 2 * 16 * 4;
    assertThat(removed - Math.round(0.05 * TOTAL)).isBetween(0L, (long) head);
    assertThat(report.path("run").path(PruningMethod.NOTES).path(0).asText())
        .isEqualTo(
            "no block goes: the smallest has more than the %d parameters that are to go, or all are"
                    .formatted(Math.round(0.05 * TOTAL))
                + " protected; heads and channels alone go");
    try (var smaller = Checkpoint.open(published.directory())) {
      expectMasked(report, smaller);
    }
  }

  @Test
  void theShapeDeciKeepsWhatItsReadersNeed() {
    var published = prune("ratio=0.3", "shape=deci");
    var report = JsonFile.read(published.file(PruneStage.REPORT));
    assertThat(parts(report)).hasSize(LAYERS);
    assertThat(gone(report)).hasSize(2).doesNotContain("layers.0", "layers.4");
  }

  @Test
  void whatContradictsDepthIsToldTogether() {
    assertThatThrownBy(
            () -> prune("shape=uniform", "compensation.rows=2", "ratio=0.3", "profileAs=budget"))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(
            "shape is uniform, but the method depth leaves layers without attention and MLP: choose"
                + " the shape free or deci",
            "profileAs is budget, but the method depth takes all of an axis or nothing: set it to"
                + " protect",
            "compensation.rows is 2, but the method depth leaves nothing that reads what it takes"
                + " out: set it to 0, or depth.rest to width");
  }

  @Test
  void aBudgetOfLessThanHalfABlockIsRefused() {
    assertThatThrownBy(() -> prune("ratio=0.05"))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(
            "%d of %d parameters are to go, but layers.".formatted(Math.round(0.05 * TOTAL), TOTAL),
            "alone has %d, more than twice as many: raise the ratio to %s, choose another method, or"
                .formatted(ATTENTION + MLP, Math.ceil(1e4 * (ATTENTION + MLP) / TOTAL) / 1e4));
  }

  /** More than {@code cap} leaves of every axis: whole blocks are not held to it. */
  @Test
  void whatWholeBlocksHoldCanBeReachedAndNoMore() {
    var report = JsonFile.read(prune("ratio=0.49", "cap=0.5").file(PruneStage.REPORT));
    assertThat(gone(report)).hasSize(4);
    int most = (LAYERS - 2) * (ATTENTION + MLP);
    assertThatThrownBy(() -> prune("ratio=0.5", "shape=deci", "cap=1"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "ratio is 0.5 of %d parameters, but the 3 parts of the depth that may go in the shape"
                    .formatted(TOTAL)
                + " deci hold only %d of them: the largest ratio that can be reached is %s"
                    .formatted(most, Math.floor(1e4 * most / TOTAL) / 1e4));
  }
}
