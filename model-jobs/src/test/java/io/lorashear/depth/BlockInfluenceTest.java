package io.lorashear.depth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.depth.DepthSettings.What;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.Progress;
import io.lorashear.torch.TorchModel;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("reference")
class BlockInfluenceTest {

  /** What transformers' hidden states give: 1 − mean cosine of what enters and what leaves. */
  @Test
  void influencesAreThoseOfAnotherProgramsHiddenStates() {
    var first = IntStream.range(0, 40).map(i -> (7 * i * i + 3 * i + 1) % 512).toArray();
    var second = IntStream.range(0, 40).map(i -> (11 * i * i + 5 * i + 2) % 512).toArray();
    var batches = List.<int[][]>of(new int[][] {first}, new int[][] {second});
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/stories260K-hf"));
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu())) {
      var space = PruningSpace.of(checkpoint.graph());
      var blocks = DepthGroup.of(space, What.BLOCKS, Set.of());
      assertThat(BlockInfluence.of(model, batches, blocks, Progress.silent()))
          .containsExactly(
              new double[] {
                0.5938687900604, 0.1257968586096, 0.1282584038663, 0.0967120167498, 0.0572658004746
              },
              within(1e-6));

      var parts = DepthGroup.of(space, What.SUBLAYERS, Set.of());
      assertThat(parts.stream().map(DepthGroup::name).limit(3))
          .containsExactly("layers.0.attention", "layers.0.mlp", "layers.1.attention");
      assertThat(BlockInfluence.of(model, batches, parts, Progress.silent()))
          .containsExactly(
              new double[] {
                0.0979272876276,
                0.4943569695394,
                0.0376683610755,
                0.0834460751286,
                0.0306155354865,
                0.0961752076131,
                0.0337670483925,
                0.0487023542655,
                0.0233878101879,
                0.0386807311727
              },
              within(1e-6));
    }
  }

  /**
   * The stream of a model whose weights of the group are zero, beside that of the model: in the
   * middle of a layer behind its first sum, or at its end.
   */
  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void theStreamIsComparedWithWhatItIsWithoutTheGroup(String family) {
    int[][] ids = {new Random(5).ints(24, 0, 300).toArray()};
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family));
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu())) {
      var graph = checkpoint.graph();
      for (var what : What.values()) {
        var groups = DepthGroup.of(PruningSpace.of(graph), what, Set.of());
        int layers = checkpoint.config().layers().size();
        assertThat(groups).hasSize(what == What.BLOCKS ? layers : 2 * layers);
        var found = BlockInfluence.of(model, List.<int[][]>of(ids), groups, Progress.silent());
        for (int g = 0; g < found.length; g++) {
          assertThat(found[g])
              .as(groups.get(g).name())
              .isGreaterThan(0)
              .isCloseTo(expected(checkpoint, groups.get(g), ids), within(1e-5));
        }
      }
    }
  }

  private static double expected(Checkpoint checkpoint, DepthGroup group, int[][] ids) {
    var graph = checkpoint.graph();
    var sums =
        graph.nodes().stream()
            .filter(node -> node.block().equals("layers." + group.layer()))
            .filter(node -> Sought.ADD.isAt(node) && !node.scope().contains("mlp"))
            .map(Node::output)
            .toList();
    boolean sideBySide = readBySums(graph, sums.get(0));
    var stream =
        group.name().endsWith(".attention") && !sideBySide
            ? sums.get(0)
            : sums.get(sums.size() - 1);
    var masked = Compressor.mask(PruningSpace.of(graph), checkpoint.tensors(), group.without());
    var y = values(graph, checkpoint.tensors(), stream, ids);
    var x = values(graph, masked, stream, ids);
    int width = y.length / ids[0].length;
    double sum = 0;
    for (int t = 0; t < ids[0].length; t++) {
      double xy = 0;
      double xx = 0;
      double yy = 0;
      for (int c = t * width; c < (t + 1) * width; c++) {
        xy += (double) x[c] * y[c];
        xx += (double) x[c] * x[c];
        yy += (double) y[c] * y[c];
      }
      sum += xy / Math.sqrt(xx * yy);
    }
    return 1 - sum / ids[0].length;
  }

  private static boolean readBySums(ModelGraph graph, Value value) {
    return graph.nodes().stream()
        .filter(node -> node.inputs().contains(value))
        .allMatch(node -> Sought.ADD.isAt(node));
  }

  private static float[] values(ModelGraph graph, TensorSource tensors, Value value, int[][] ids) {
    try (var model = TorchModel.load(graph, tensors, Device.cpu());
        var scope = model.manager().newSubManager()) {
      NDArray found = model.taps(scope, model.ids(scope, ids), List.of(value)).get(0);
      return found.toFloatArray();
    }
  }
}
