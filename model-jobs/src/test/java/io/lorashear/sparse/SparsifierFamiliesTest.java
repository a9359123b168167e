package io.lorashear.sparse;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.TorchModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("reference")
class SparsifierFamiliesTest {
  private static final Zeros HALF = new Zeros(0.5, Pattern.UNSTRUCTURED);
  private static final Zeros TWO_OF_FOUR = new Zeros(0.5, new Pattern(2, 4));

  @TempDir Path cache;

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

  private static Map<String, float[]> sparse(
      Checkpoint checkpoint, MatrixMethod method, List<int[]> rows) {
    try (var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu())) {
      new Sparsifier(model, method, true).run(rows, () -> {});
      try (var scope = model.manager().newSubManager()) {
        var logits = model.logits(scope, model.ids(scope, rows.get(0))).toFloatArray();
        for (float logit : logits) {
          assertThat(logit).isFinite();
        }
      }
      return weights(model.tensors());
    }
  }

  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void everyFamilyHasItsZerosInTheMatricesOfBlocksAndNowhereElse(String family) {
    var folder = ReferenceData.path("reference/families/" + family);
    try (var checkpoint = Checkpoint.open(folder, cache)) {
      var graph = checkpoint.graph();
      var dense = weights(checkpoint.tensors());
      var rows = rows(4, checkpoint.config().vocabularySize());
      var matrices =
          BlockMatrix.of(graph).stream().collect(Collectors.toMap(BlockMatrix::name, m -> m));
      assertThat(matrices.keySet())
          .noneMatch(name -> name.matches(".*(embed|wte|wpe|lm_head|norm|\\.gate\\.weight).*"));
      for (var method :
          List.of(new SparseGpt(HALF, 0.01, 16), new Wanda(HALF), new Magnitude(TWO_OF_FOUR))) {
        var sparse = sparse(checkpoint, method, rows);
        for (var name : graph.parameters().keySet()) {
          var values = sparse.get(name);
          if (!matrices.containsKey(name)) {
            assertThat(values).as(name).isEqualTo(dense.get(name));
          } else {
            assertThat(zeros(values)).as(name).isEqualTo(values.length / 2);
          }
        }
      }
    }
  }

  private static int zeros(float[] values) {
    return (int) IntStream.range(0, values.length).filter(i -> values[i] == 0).count();
  }

  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void groupsAreExactInEveryFamily(String family) {
    var folder = ReferenceData.path("reference/families/" + family);
    try (var checkpoint = Checkpoint.open(folder, cache)) {
      var rows = rows(4, checkpoint.config().vocabularySize());
      for (var method : List.of(new SparseGpt(TWO_OF_FOUR, 0.01, 16), new Wanda(TWO_OF_FOUR))) {
        var sparse = sparse(checkpoint, method, rows);
        for (var matrix : BlockMatrix.of(checkpoint.graph())) {
          expectGroups(matrix, sparse.get(matrix.name()), 4, 2);
        }
        var again = sparse(checkpoint, method, rows);
        sparse.forEach((name, values) -> assertThat(again.get(name)).as(name).isEqualTo(values));
      }
    }
  }

  /** Along the inputs, whichever way the matrix is stored. */
  private static void expectGroups(BlockMatrix matrix, float[] values, int group, int count) {
    int in = matrix.width();
    int out = values.length / in;
    for (int row = 0; row < out; row++) {
      for (int first = 0; first < in; first += group) {
        int zeros = 0;
        for (int j = first; j < first + group; j++) {
          zeros += values[matrix.turned() ? j * out + row : row * in + j] == 0 ? 1 : 0;
        }
        assertThat(zeros).as("%s, row %d", matrix.name(), row).isEqualTo(count);
      }
    }
  }

  @Test
  void expertsThatNoTokenReachedAreTold() {
    var folder = ReferenceData.path("reference/families/mixtral");
    try (var checkpoint = Checkpoint.open(folder, cache);
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu())) {
      var report =
          new Sparsifier(model, new Wanda(HALF), true).run(List.of(new int[] {7}), () -> {});
      var unreached = report.matrices().stream().filter(matrix -> !matrix.reached()).toList();
      // one token reaches 2 of 4 experts in each layer; an expert has three matrices
      int layers = checkpoint.config().layers().size();
      assertThat(unreached).hasSize(layers * 2 * 3);
      assertThat(unreached).allMatch(matrix -> matrix.name().contains("experts"));
      assertThat(unreached).allMatch(matrix -> matrix.zeros() == matrix.weights() / 2);
    }
  }
}
