package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.compensate.Inputs;
import io.lorashear.compensate.ReadingMatrix;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Sought;
import io.lorashear.reference.ReferenceData;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What experts are worth, computed once more from the file's matrices and what goes into the layer:
 * the router, the experts and their scores in plain numbers.
 */
@Tag("reference")
class WholeExpertsTest {
  private static final int LAYER = 1;
  private static final int EXPERTS = 4;
  private static final int CHANNELS = 160;
  private static final int HIDDEN = 64;

  private static Checkpoint checkpoint;
  private static TorchModel model;
  private static AxisWeights axis;
  private static List<ReadingMatrix> matrices;
  private static Inputs inputs;

  /** r·x of every token, 0 where the expert does not get it: (experts, tokens, channels). */
  private static final double[][][] READ = new double[EXPERTS][][];

  /** (experts, hidden, channels). */
  private static final double[][][] DOWN = new double[EXPERTS][][];

  @BeforeAll
  static void runs() {
    checkpoint = Checkpoint.open(ReferenceData.path("reference/families/mixtral"));
    model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu());
    var space = PruningSpace.of(checkpoint.graph());
    var prunable =
        space.prunable(Set.of(AxisRole.EXPERTS)).stream()
            .filter(each -> each.name().equals("layers." + LAYER + ".experts"))
            .toList();
    axis = AxisWeights.of(space, prunable, List.of(), model::parameter).get(0);
    matrices = ReadingMatrix.of(checkpoint.graph(), List.of(axis));
    var random = new Random(8);
    var ids =
        IntStream.range(0, 6)
            .mapToObj(r -> random.ints(40, 0, 320).toArray())
            .toArray(int[][]::new);
    inputs = new Inputs(model, List.of(Arrays.copyOf(ids, 4), Arrays.copyOfRange(ids, 4, 6)));
    read(ids);
  }

  @AfterAll
  static void closes() {
    model.close();
    checkpoint.close();
  }

  private static double[][] file(String name, int columns) {
    var stem = "model.layers." + LAYER + ".block_sparse_moe.";
    return matrix(checkpoint.tensors().floats(stem + name + ".weight"), columns);
  }

  private static double[][] matrix(float[] flat, int columns) {
    var rows = new double[flat.length / columns][columns];
    for (int i = 0; i < flat.length; i++) {
      rows[i / columns][i % columns] = flat[i];
    }
    return rows;
  }

  private static double[] times(double[][] w, double[] x) {
    return Arrays.stream(w)
        .mapToDouble(row -> IntStream.range(0, x.length).mapToDouble(j -> row[j] * x[j]).sum())
        .toArray();
  }

  private static void read(int[][] ids) {
    var dispatch =
        checkpoint.graph().nodes().stream()
            .filter(node -> node.block().equals("layers." + LAYER))
            .filter(node -> Sought.DISPATCH.isAt(node))
            .findFirst()
            .orElseThrow();
    double[][] n;
    try (var scope = model.manager().newSubManager()) {
      var taps = model.taps(scope, model.ids(scope, ids), List.of(dispatch.inputs().get(0)));
      n = matrix(taps.get(0).toFloatArray(), HIDDEN);
    }
    var router = file("gate", HIDDEN);
    for (int e = 0; e < EXPERTS; e++) {
      var gate = file("experts." + e + ".w1", HIDDEN);
      var up = file("experts." + e + ".w3", HIDDEN);
      DOWN[e] = file("experts." + e + ".w2", CHANNELS);
      READ[e] = new double[n.length][CHANNELS];
      for (int t = 0; t < n.length; t++) {
        double r = weight(times(router, n[t]), e);
        var g = times(gate, n[t]);
        var u = times(up, n[t]);
        for (int j = 0; j < CHANNELS; j++) {
          READ[e][t][j] = r * g[j] / (1 + Math.exp(-g[j])) * u[j];
        }
      }
    }
  }

  /** Of expert {@code e}, one of the two likeliest or 0. */
  private static double weight(double[] z, int e) {
    var best =
        IntStream.range(0, EXPERTS)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -z[i]))
            .limit(2)
            .toList();
    double sum = best.stream().mapToDouble(i -> Math.exp(z[i])).sum();
    return best.contains(e) ? Math.exp(z[e]) / sum : 0;
  }

  @Test
  void everyExpertGetsSomeOfTheTokens() {
    for (var each : READ) {
      long reached =
          Arrays.stream(each).filter(x -> Arrays.stream(x).anyMatch(v -> v != 0)).count();
      assertThat(reached).isBetween(10L, 230L);
    }
  }

  @Test
  void wandaAddsUpTheInputsOfAnExpert() {
    var statistics = inputs.statistics(matrices);
    for (var matrix : matrices) {
      var x = statistics.get(matrix.input());
      assertThat(x.rows()).isEqualTo(240);
      int e = matrix.route().expert();
      double expected = 0;
      for (int j = 0; j < CHANNELS; j++) {
        double squares = 0;
        double weights = 0;
        for (var row : READ[e]) {
          squares += row[j] * row[j];
        }
        for (var row : DOWN[e]) {
          weights += Math.abs(row[j]) / HIDDEN;
        }
        expected += weights * Math.sqrt(squares);
      }
      var scores = WandaSp.scores(model, matrix, x, EXPERTS);
      assertThat(scores[e]).isCloseTo(expected, within(1e-4 * expected));
      scores[e] = 0;
      assertThat(scores).containsOnly(0);
    }
  }

  @Test
  void flapStandardisesOverAllExpertsSideBySide() {
    var single = new double[EXPERTS * CHANNELS];
    for (int i = 0; i < single.length; i++) {
      int e = i / CHANNELS;
      int j = i % CHANNELS;
      double mean = Arrays.stream(READ[e]).mapToDouble(row -> row[j]).average().orElseThrow();
      double variance =
          Arrays.stream(READ[e])
              .mapToDouble(row -> (row[j] - mean) * (row[j] - mean))
              .average()
              .orElseThrow();
      single[i] = variance * Arrays.stream(DOWN[e]).mapToDouble(row -> row[j] * row[j]).sum();
    }
    double mean = Arrays.stream(single).average().orElseThrow();
    double squares = Arrays.stream(single).map(s -> (s - mean) * (s - mean)).sum();
    double deviation = Math.sqrt(squares / (single.length - 1));
    var scores =
        Flap.scores(model, matrices, AxisRole.EXPERTS, inputs.statistics(matrices), EXPERTS);
    for (int e = 0; e < EXPERTS; e++) {
      var own = Arrays.copyOfRange(single, e * CHANNELS, (e + 1) * CHANNELS);
      double expected = (Arrays.stream(own).average().orElseThrow() - mean) / deviation;
      assertThat(scores[e]).isCloseTo(expected, within(1e-3));
    }
    assertThat(Arrays.stream(scores).max().orElseThrow()).isGreaterThan(0.01);
  }

  @Test
  void obsTakesAllThatAnExpertAdds() {
    var contributions = inputs.contributions(matrices);
    assertThat(contributions).hasSize(EXPERTS);
    for (var matrix : matrices) {
      int e = matrix.route().expert();
      double expected = 0;
      for (var row : READ[e]) {
        expected += Arrays.stream(times(DOWN[e], row)).map(y -> y * y).sum();
      }
      assertThat(contributions.get(matrix)).isCloseTo(expected, within(1e-4 * expected));
    }
  }
}
