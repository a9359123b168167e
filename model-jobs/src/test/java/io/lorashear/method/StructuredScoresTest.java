package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.compensate.Inputs;
import io.lorashear.compensate.ReadingMatrix;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Sought;
import io.lorashear.reference.ReferenceData;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.kernel.PlainAlgebra;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules that look at what a matrix reads, computed once more from that in plain numbers. */
@Tag("reference")
class StructuredScoresTest {
  private static final double DAMPING = 0.02;

  /** A matrix that reads an axis, as plain numbers. */
  private record Plain(
      TorchModel model,
      AxisWeights axis,
      ReadingMatrix matrix,
      double[][] w,
      double[][] x,
      int[][] idsOfRows) {
    int inputs() {
      return w[0].length;
    }

    /** Whether input {@code j} belongs to group {@code g}: heads and channels lie in order. */
    boolean owns(int g, int j) {
      return j / (inputs() / axis.size()) == g;
    }

    Inputs.Statistics statistics() {
      var inputs = new Inputs(model, List.<int[][]>of(idsOfRows));
      return inputs.statistics(List.of(matrix)).get(matrix.input());
    }
  }

  private interface Check {
    void of(Plain plain);
  }

  /** The last attention and the last MLP of a model. */
  private static void each(String folder, Check check) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/" + folder));
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu());
        var scope = model.manager().newSubManager()) {
      var graph = checkpoint.graph();
      var space = PruningSpace.of(graph);
      var prunable = space.prunable(PruningSpace.STRUCTURES);
      var axes = AxisWeights.of(space, prunable, List.of(), model::parameter);
      var random = new Random(8);
      int most = checkpoint.config().vocabularySize();
      var ids =
          IntStream.range(0, 8)
              .mapToObj(row -> random.ints(48, 0, most).toArray())
              .toArray(int[][]::new);
      var matrices = ReadingMatrix.of(graph, axes);
      for (var matrix : matrices.subList(matrices.size() - 2, matrices.size())) {
        var values = model.taps(scope, model.ids(scope, ids), List.of(matrix.input())).get(0);
        var x = matrix(values.toFloatArray(), matrix.width());
        var w = stored(graph, checkpoint, matrix);
        check.of(new Plain(model, axes.get(matrix.place()), matrix, w, x, ids));
      }
    }
  }

  private static double[][] matrix(float[] flat, int columns) {
    var rows = new double[flat.length / columns][columns];
    for (int i = 0; i < flat.length; i++) {
      rows[i / columns][i % columns] = flat[i];
    }
    return rows;
  }

  /** As the file has it, turned where the file has it turned. */
  private static double[][] stored(ModelGraph graph, Checkpoint checkpoint, ReadingMatrix matrix) {
    var name = matrix.slice().name();
    var parameter = graph.parameter(name);
    var stored = matrix(checkpoint.tensors().floats(name), (int) parameter.shape()[1]);
    boolean turned =
        Sought.LINEAR.in(graph).stream()
            .map(found -> found.operator())
            .filter(linear -> linear.weight().equals(name))
            .anyMatch(linear -> linear.layout() == Layout.IN_OUT);
    if (!turned) {
      return stored;
    }
    var w = new double[stored[0].length][stored.length];
    for (int i = 0; i < w.length; i++) {
      for (int j = 0; j < stored.length; j++) {
        w[i][j] = stored[j][i];
      }
    }
    return w;
  }

  @ParameterizedTest
  @ValueSource(strings = {"stories260K-hf", "families/gpt2"})
  void wandaIsTheMeanOfWeightsTimesWhatTheyRead(String folder) {
    each(
        folder,
        plain -> {
          var scores =
              WandaSp.scores(
                  plain.model(), plain.matrix(), plain.statistics(), plain.axis().size());
          for (int g = 0; g < scores.length; g++) {
            double expected = 0;
            for (int j = 0; j < plain.inputs(); j++) {
              double squares = 0;
              for (var row : plain.x()) {
                squares += plain.owns(g, j) ? row[j] * row[j] : 0;
              }
              for (var row : plain.w()) {
                expected += Math.abs(row[j]) * Math.sqrt(squares) / plain.w().length;
              }
            }
            assertThat(scores[g]).isCloseTo(expected, within(1e-4 * expected));
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"stories260K-hf", "families/gpt2"})
  void flapIsWhatFluctuatesStandardisedByMatrix(String folder) {
    each(
        folder,
        plain -> {
          int in = plain.inputs();
          var single = new double[in];
          for (int j = 0; j < in; j++) {
            double mean = 0;
            for (var row : plain.x()) {
              mean += row[j] / plain.x().length;
            }
            double variance = 0;
            for (var row : plain.x()) {
              variance += (row[j] - mean) * (row[j] - mean) / plain.x().length;
            }
            double norm = 0;
            for (var row : plain.w()) {
              norm += row[j] * row[j];
            }
            boolean head = plain.axis().role() == AxisRole.KEY_VALUE_HEADS;
            single[j] = Math.pow(variance * norm, head ? 2 : 1);
          }
          double mean = IntStream.range(0, in).mapToDouble(j -> single[j]).sum() / in;
          double squares =
              IntStream.range(0, in).mapToDouble(j -> Math.pow(single[j] - mean, 2)).sum();
          double deviation = Math.sqrt(squares / (in - 1));
          var scores =
              Flap.scores(
                  plain.model(),
                  List.of(plain.matrix()),
                  plain.axis().role(),
                  Map.of(plain.matrix().input(), plain.statistics()),
                  plain.axis().size());
          for (int g = 0; g < scores.length; g++) {
            int group = g;
            double expected =
                IntStream.range(0, in)
                    .filter(j -> plain.owns(group, j))
                    .mapToDouble(j -> (single[j] - mean) / deviation)
                    .average()
                    .orElseThrow();
            assertThat(scores[g]).isCloseTo(expected, within(1e-3));
          }
        });
  }

  /** What the matrix says is on average what it said, though half of what it reads is gone. */
  @ParameterizedTest
  @ValueSource(strings = {"families/llama-mha-bias", "families/gpt2"})
  void flapKeepsTheMeanOfWhatIsSaid(String folder) {
    each(
        folder,
        plain -> {
          var gone = new BitSet();
          gone.set(0, plain.axis().size() / 2);
          var name = plain.matrix().bias();
          var before = plain.model().parameter(name).toFloatArray();
          assertThat(Flap.compensate(plain.model(), plain.matrix(), plain.statistics(), gone))
              .isTrue();
          var after = plain.model().parameter(name).toFloatArray();
          double largest = 0;
          for (int i = 0; i < before.length; i++) {
            double lost = 0;
            for (var row : plain.x()) {
              for (int j = 0; j < plain.inputs(); j++) {
                boolean goes = j / (plain.inputs() / plain.axis().size()) < gone.cardinality();
                lost += goes ? plain.w()[i][j] * row[j] / plain.x().length : 0;
              }
            }
            assertThat(after[i] - before[i]).isCloseTo((float) lost, within(2e-4f));
            largest = Math.max(largest, Math.abs(lost));
          }
          assertThat(largest).isGreaterThan(0.01);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"families/llama"})
  void withoutABiasFlapSaysSo(String folder) {
    each(
        folder,
        plain ->
            assertThat(
                    Flap.compensate(
                        plain.model(), plain.matrix(), plain.statistics(), new BitSet()))
                .isFalse());
  }

  /** Where the refit stops, no other weight of what stays says better what was said. */
  @ParameterizedTest
  @ValueSource(strings = {"stories260K-hf", "families/gpt2"})
  void obsScoresByWhatTheRestCannotMakeUpForAndMakesUpForIt(String folder) {
    each(
        folder,
        plain -> {
          try (var scope = plain.model().manager().newSubManager()) {
            var inputs = new Inputs(plain.model(), List.<int[][]>of(plain.idsOfRows()));
            var h = inputs.moments(scope, List.of(plain.matrix())).get(plain.matrix().input());
            int groups = plain.axis().size();
            var scores = Obs.scores(scope, plain.matrix(), h, groups, DAMPING);
            int size = plain.inputs() / groups;
            for (int g : new int[] {0, groups - 1}) {
              double expected = PlainAlgebra.leastLoss(plain.w(), plain.x(), g, size, DAMPING);
              assertThat(scores[g]).isCloseTo(expected, within(2e-3 * expected));
            }
            var gone = new BitSet();
            gone.set(groups - 1);
            gone.set(0, groups / 3);
            Obs.refit(scope, plain.matrix(), h, gone, DAMPING);
            var after = matrix(plain.matrix().slice().weight().toFloatArray(), plain.inputs());
            expectStationary(plain, after, gone, size);
          }
        });
  }

  private static void expectStationary(Plain plain, double[][] after, BitSet gone, int size) {
    int in = plain.inputs();
    var kept = IntStream.range(0, in).filter(j -> !gone.get(j / size)).toArray();
    double diagonal = 0;
    for (var row : plain.x()) {
      for (int j : kept) {
        diagonal += row[j] * row[j] / kept.length;
      }
    }
    for (int i = 0; i < 3; i++) {
      for (int k : new int[] {kept[0], kept[kept.length / 2], kept[kept.length - 1]}) {
        double slope = -DAMPING * diagonal * (after[i][k] - plain.w()[i][k]);
        double size2 = 0;
        for (var row : plain.x()) {
          double lost = 0;
          for (int j = 0; j < in; j++) {
            lost += plain.w()[i][j] * row[j] - (gone.get(j / size) ? 0 : after[i][j] * row[j]);
          }
          slope += lost * row[k];
          size2 += Math.abs(lost * row[k]);
        }
        assertThat(size2).isPositive();
        assertThat(slope / size2).isCloseTo(0, within(2e-3));
      }
    }
  }
}
