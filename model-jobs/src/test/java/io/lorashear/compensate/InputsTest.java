package io.lorashear.compensate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.TinyModel;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class InputsTest {
  /**
   * What the first MLP's last matrix reads is computed once more from the value two steps before.
   */
  @Test
  void statisticsAreThoseOfWhatTheMatrixReads() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu());
        var scope = model.manager().newSubManager()) {
      var space = PruningSpace.of(graph);
      var prunable = space.prunable(PruningSpace.STRUCTURES);
      var axes = AxisWeights.of(space, prunable, List.of(), model::parameter);
      var matrices = ReadingMatrix.of(graph, axes);
      assertThat(matrices.stream().map(ReadingMatrix::block).collect(Collectors.toSet()))
          .containsExactlyInAnyOrder("layers.0", "layers.1");
      var rows = TinyModel.sequences(6, 16, 3).stream().map(Sequence::inputIds).toList();
      var batches =
          List.of(
              rows.subList(0, 4).toArray(int[][]::new), rows.subList(4, 6).toArray(int[][]::new));
      var inputs = new Inputs(model, batches);
      var statistics = inputs.statistics(matrices);
      for (var matrix : matrices) {
        var x =
            model
                .taps(scope, model.ids(scope, rows.toArray(int[][]::new)), List.of(matrix.input()))
                .get(0)
                .toFloatArray();
        int in = matrix.width();
        int n = x.length / in;
        var found = statistics.get(matrix.input());
        assertThat(found.rows()).isEqualTo(6 * 16).isEqualTo(n);
        var moments = inputs.moments(scope, List.of(matrix)).get(matrix.input()).toDoubleArray();
        for (int j = 0; j < in; j++) {
          double sum = 0;
          double squares = 0;
          for (int t = 0; t < n; t++) {
            sum += x[t * in + j];
            squares += x[t * in + j] * x[t * in + j];
          }
          double mean = sum / n;
          double deviation = 0;
          for (int t = 0; t < n; t++) {
            deviation += Math.pow(x[t * in + j] - mean, 2) / n;
          }
          assertThat(found.mean()[j]).isCloseTo(mean, within(1e-5));
          assertThat(found.square()[j]).isCloseTo(squares / n, within(1e-4));
          assertThat(found.variance()[j]).isCloseTo(deviation, within(1e-4));
          assertThat(moments[j * in + j]).isCloseTo(squares, within(1e-2));
        }
      }
    }
  }

  @Test
  void columnsOfAHeadLieTogether() {
    var graph = TinyModel.graph();
    try (var model = TorchModel.load(graph, TinyModel.weights(graph, 1), Device.cpu())) {
      var space = PruningSpace.of(graph);
      var prunable = space.prunable(PruningSpace.STRUCTURES);
      var axes = AxisWeights.of(space, prunable, List.of(), model::parameter);
      var heads = ReadingMatrix.of(graph, axes).get(0);
      // Two key-value heads of two query heads of four numbers each.
      assertThat(heads.columns(2)).hasDimensions(2, 8);
      assertThat(heads.columns(2)[1]).containsExactly(8, 9, 10, 11, 12, 13, 14, 15);
      var numbers = new double[16];
      numbers[7] = 2;
      numbers[8] = 3;
      numbers[15] = 4;
      assertThat(heads.byGroup(numbers, 2)).containsExactly(2, 7);
    }
  }
}
