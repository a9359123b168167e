package io.lorashear.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.engine.HostArrays;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Small models as transformers writes them: logits and gradients as transformers computes them. */
@Tag("reference")
class FamilyParityTest {
  private static final double LOGITS = 1e-4;
  private static final double GRADIENTS = 1e-3;

  @TempDir Path cache;

  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void logitsLossAndGradientsAreThoseOfTransformers(String family) throws IOException {
    var folder = ReferenceData.path("reference/families/" + family);
    var expected = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
    try (var checkpoint = Checkpoint.open(folder, cache);
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu())) {
      assertThat(checkpoint.graph().parameterCount())
          .isEqualTo(expected.get("parameters").asLong());
      expectLogits(model, expected);
      expectGradients(model, expected, false);
      expectGradients(model, expected, true);
    }
  }

  private static void expectLogits(TorchModel model, JsonNode expected) {
    try (var scope = model.manager().newSubManager()) {
      var ids = model.ids(scope, rows(expected.get("ids")));
      var logits = model.logits(scope, ids); // (B, T, vocabulary)
      int last = (int) ids.getShape().get(1) - 1;
      for (int row = 0; row < expected.get("ids").size(); row++) {
        var actual = logits.get(row).get(last).toFloatArray();
        for (int i = 0; i < actual.length; i++) {
          double wanted = expected.get("logits_last").get(row).get(i).asDouble();
          assertThat((double) actual[i]).isCloseTo(wanted, within(LOGITS));
        }
        var sums = logits.get(row).sum(new int[] {1}).toFloatArray();
        for (int t = 0; t < sums.length; t++) {
          double wanted = expected.get("logits_sum_per_position").get(row).get(t).asDouble();
          assertThat((double) sums[t]).isCloseTo(wanted, within(1e-3 + 1e-4 * Math.abs(wanted)));
        }
      }
    }
  }

  private static void expectGradients(TorchModel model, JsonNode expected, boolean blockwise) {
    try (var scope = model.manager().newSubManager()) {
      model.trainable(model.graph().parameters().keySet());
      var ids = model.ids(scope, rows(expected.get("ids")));
      double loss =
          HostArrays.number(
              model.backward(
                  scope,
                  ids,
                  scope.ones(ids.getShape()),
                  1,
                  null,
                  null,
                  blockwise,
                  OptionalLong.empty()));
      assertThat(loss).isCloseTo(expected.get("loss_next_token_mean").asDouble(), within(1e-4));
      var norms = expected.get("gradient_norms");
      assertThat(norms.size()).isEqualTo(model.trainable().size());
      norms
          .fields()
          .forEachRemaining(
              norm -> {
                var gradient = model.gradient(scope, norm.getKey());
                double wanted = norm.getValue().asDouble();
                assertThat((double) gradient.norm().getFloat())
                    .as(norm.getKey())
                    .isCloseTo(wanted, within(1e-6 + GRADIENTS * wanted));
              });
    }
  }

  /** Token by token with kept keys, two ends of one beginning in a tree, documents in one row. */
  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void otherWaysToStandGiveTheSameLogits(String family) throws IOException {
    var folder = ReferenceData.path("reference/families/" + family);
    var expected = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
    try (var checkpoint = Checkpoint.open(folder, cache);
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu());
        var text = model.continuation();
        var scope = model.manager().newSubManager()) {
      var row = row(expected.get("ids").get(0));
      text.logits(Arrays.copyOf(row, 10));
      for (int t = 10; t < row.length - 1; t++) {
        text.logits(row[t]);
      }
      var grown = text.logits(row[row.length - 1]);
      for (int i = 0; i < grown.length; i++) {
        double wanted = expected.get("logits_last").get(0).get(i).asDouble();
        assertThat((double) grown[i]).isCloseTo(wanted, within(LOGITS));
      }
      expectTree(model, scope, row, new int[] {7, 8, 9});
      expectPacked(model, scope, row, expected);
    }
  }

  /** The first row behind the second one, without seeing it. */
  private static void expectPacked(
      TorchModel model, NDManager scope, int[] row, JsonNode expected) {
    var before = row(expected.get("ids").get(1));
    var ids = Arrays.copyOf(before, before.length + row.length);
    System.arraycopy(row, 0, ids, before.length, row.length);
    var starts = new int[ids.length];
    Arrays.fill(starts, before.length, ids.length, before.length);
    var packed = model.packedLogits(scope, model.ids(scope, ids), model.ids(scope, starts));
    var last = packed.get(0).get(ids.length - 1).toFloatArray();
    for (int i = 0; i < last.length; i++) {
      double wanted = expected.get("logits_last").get(0).get(i).asDouble();
      assertThat((double) last[i]).isCloseTo(wanted, within(LOGITS));
    }
  }

  /** The row, of which {@code other} goes off after ten tokens: the row's own end is scored. */
  private static void expectTree(TorchModel model, NDManager scope, int[] row, int[] other) {
    var ids = new ArrayList<Long>();
    var positions = new ArrayList<Long>();
    var ends = new ArrayList<Long>();
    int nodes = row.length + other.length;
    for (int node = 0; node < nodes; node++) {
      boolean aside = node >= 10 && node < 10 + other.length;
      int position = node < 10 || aside ? node : node - other.length;
      ids.add((long) (aside ? other[node - 10] : row[position]));
      positions.add((long) position);
      ends.add((long) (aside ? 10 + other.length : nodes));
    }
    var last = scope.create(new long[] {nodes - 2});
    var scores =
        model.treeScores(
            scope,
            numbers(scope, ids).reshape(1, nodes),
            numbers(scope, positions),
            numbers(scope, ends),
            last,
            scope.create(new long[] {0}),
            scope.create(new long[] {row[row.length - 1]}));
    var losses = model.tokenLosses(scope, model.ids(scope, row)).toFloatArray();
    assertThat(-scores.get(0).toFloatArray()[0])
        .isCloseTo(losses[losses.length - 1], within((float) LOGITS));
  }

  private static NDArray numbers(NDManager scope, List<Long> values) {
    return scope.create(values.stream().mapToLong(Long::longValue).toArray());
  }

  @Test
  void aTrainedModelTellsItsStoryAgain() throws IOException {
    var reference = ReferenceData.path("data/models/stories260K/reference.json").toFile();
    var expected = new ObjectMapper().readTree(reference).get("greedy_from_bos").get("token_ids");
    var folder = ReferenceData.path("reference/stories260K-hf");
    try (var checkpoint = Checkpoint.open(folder, cache);
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu());
        var scope = model.manager().newSubManager()) {
      var story = row(expected);
      var scores = model.tokenScores(scope, model.ids(scope, story));
      assertThat(scores.get(1).toBooleanArray()).doesNotContain(false);
    }
  }

  private static int[][] rows(JsonNode rows) {
    return StreamSupport.stream(rows.spliterator(), false)
        .map(FamilyParityTest::row)
        .toArray(int[][]::new);
  }

  private static int[] row(JsonNode row) {
    return StreamSupport.stream(row.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
