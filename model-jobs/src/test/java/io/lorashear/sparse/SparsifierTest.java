package io.lorashear.sparse;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.graph.Value;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SparsifierTest {
  private static final Zeros HALF = new Zeros(0.5, Pattern.UNSTRUCTURED);

  private static List<int[]> rows(int count, int vocabulary) {
    var random = new Random(3);
    return IntStream.range(0, count)
        .mapToObj(row -> random.ints(12 + row, 0, vocabulary).toArray())
        .toList();
  }

  private static Map<String, float[]> weights(TensorSource tensors) {
    var weights = new LinkedHashMap<String, float[]>();
    tensors.tensors().keySet().forEach(name -> weights.put(name, tensors.floats(name)));
    return weights;
  }

  /** Inputs of a matrix (tokens, in), by a pass through the whole model. */
  private static List<float[]> inputs(TorchModel model, List<int[]> rows, Value value) {
    var inputs = new ArrayList<float[]>();
    for (var row : rows) {
      try (var scope = model.manager().newSubManager()) {
        inputs.add(model.taps(scope, model.ids(scope, row), List.of(value)).get(0).toFloatArray());
      }
    }
    return inputs;
  }

  private static boolean[] mask(float[] dense, List<float[]> inputs, int in, int row) {
    var scores = new double[in];
    for (int j = 0; j < in; j++) {
      double squares = 0;
      for (var values : inputs) {
        for (int t = 0; t < values.length / in; t++) {
          squares += Math.pow(values[t * in + j], 2);
        }
      }
      scores[j] = Math.abs(dense[row * in + j]) * Math.sqrt(squares);
    }
    return PlainSparsity.lowest(scores, in / 2);
  }

  /** What the first layer's zeros do to the second layer's inputs, or do not, by its masks. */
  private static void expectSecondLayer(boolean propagate) {
    var graph = TinyModel.graph();
    var tensors = TinyModel.weights(graph, 5);
    var rows = rows(6, TinyModel.VOCABULARY);
    try (var model = TorchModel.load(graph, tensors, Device.cpu());
        var whole = TorchModel.load(graph, tensors, Device.cpu())) {
      new Sparsifier(model, new Wanda(HALF), propagate).run(rows, () -> {});
      var sparse = weights(model.tensors());
      for (var matrix : BlockMatrix.of(graph)) {
        if (matrix.name().contains("layers.1.")) {
          model.parameter(matrix.name()).set(tensors.floats(matrix.name()));
        }
      }
      var seen = propagate ? model : whole; // layer 0 sparse and layer 1 dense, or all dense
      for (var matrix : BlockMatrix.of(graph)) {
        if (matrix.name().contains("layers.1.")) {
          var inputs = inputs(seen, rows, matrix.input());
          var dense = tensors.floats(matrix.name());
          for (int row = 0; row < dense.length / matrix.width(); row++) {
            var goes = mask(dense, inputs, matrix.width(), row);
            for (int j = 0; j < goes.length; j++) {
              int place = row * matrix.width() + j;
              assertThat(sparse.get(matrix.name())[place])
                  .as("%s, row %d, column %d", matrix.name(), row, j)
                  .isEqualTo(goes[j] ? 0 : dense[place]);
            }
          }
        }
      }
    }
  }

  @Test
  void aLayerIsMeasuredBehindTheZerosOfThoseBeforeIt() {
    expectSecondLayer(true);
  }

  @Test
  void orAsTheDenseModelFeedsIt() {
    expectSecondLayer(false);
  }

  @Test
  void inputsAreKnownAFewMatricesAtATime() {
    var matrices = BlockMatrix.of(TinyModel.graph()).subList(0, 7);
    var shares = BlockInputs.shares(matrices, MatrixMethod.Reads.MOMENTS, 2 * 16 * 16);
    var names =
        shares.stream()
            .map(
                share ->
                    share.stream().map(m -> m.name().replaceAll(".*\\.(\\w)\\w*_proj.*", "$1")))
            .map(share -> share.collect(Collectors.joining()))
            .toList();
    assertThat(names).containsExactly("qkvo", "gud"); // d reads 12 channels
    assertThat(BlockInputs.shares(matrices, MatrixMethod.Reads.MOMENTS, 1)).hasSize(4);
  }
}
