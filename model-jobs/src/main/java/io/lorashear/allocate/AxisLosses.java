package io.lorashear.allocate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.dependency.Groups;
import io.lorashear.run.Progress;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Without;
import io.lorashear.shape.Allocated;
import io.lorashear.shape.Candidates;
import io.lorashear.torch.BlockWalk;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.kernel.Divergence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each width of each axis costs, as the live model tells when that axis alone is narrowed.
 *
 * <pre>
 *   loss_i(n) = mean over the tokens of D(p ‖ q)      p: next token by the whole model
 *                                                     q: without the n least salient groups of axis i
 * </pre>
 *
 * A batch passes through the model one block at a time; for every option of a block's axes only
 * this block and those behind it are computed again. Groups are set to zero and restored bit for
 * bit.
 *
 * @param scores of every group of each axis; the lowest go first
 * @param finished folder for the sums of each finished batch, so that a killed run resumes; or null
 */
record AxisLosses(
    TorchModel model,
    List<AxisWeights> axes,
    List<AxisOptions> options,
    List<double[]> scores,
    @Nullable Path finished) {

  /**
   * Measures all options on {@code batches} of token ids (B, T): those of each axis in its order.
   */
  List<double[]> of(List<int[][]> batches, Progress progress) {
    var sums = options.stream().map(each -> new double[each.removed().size()]).toList();
    long tokens = 0;
    long each = options.stream().mapToLong(option -> option.removed().size()).sum();
    try (var work = progress.begin("allocate", each * batches.size(), "widths")) {
      for (int b = 0; b < batches.size(); b++) {
        add(sums, kept(batches.get(b), "batch-" + b, work));
        tokens += Arrays.stream(batches.get(b)).mapToLong(row -> row.length).sum();
      }
    }
    for (var sum : sums) {
      for (int j = 0; j < sum.length; j++) {
        sum[j] /= tokens;
      }
    }
    return sums;
  }

  private static void add(List<double[]> sums, List<double[]> more) {
    for (int i = 0; i < sums.size(); i++) {
      for (int j = 0; j < sums.get(i).length; j++) {
        sums.get(i)[j] += more.get(i)[j];
      }
    }
  }

  /** Sums from the file of that name; without it, measured now and written there. */
  private List<double[]> kept(int[][] batch, String name, Progress.Work work) {
    var file = finished == null ? null : finished.resolve(name + ".json");
    if (file != null && Files.isRegularFile(file)) {
      var sums = new ArrayList<double[]>();
      for (var axis : JsonFile.read(file).path("sums")) {
        var sum = new double[axis.size()];
        Arrays.setAll(sum, j -> axis.get(j).asDouble());
        sums.add(sum);
      }
      return sums;
    }
    var sums = measured(batch, work);
    if (file != null) {
      var json = JsonFile.object();
      var all = json.putArray("sums");
      sums.forEach(sum -> Arrays.stream(sum).forEach(all.addArray()::add));
      JsonFile.replace(file, json);
    }
    return sums;
  }

  private List<double[]> measured(int[][] batch, Progress.Work work) {
    var sums = new double[options.size()][];
    try (var scope = model.manager().newSubManager();
        var walk = new BlockWalk(model, List.<int[][]>of(batch))) {
      var dense = logits(scope, walk); // (B, T, vocabulary)
      for (; walk.hasNext(); walk.next()) {
        for (int i = 0; i < sums.length; i++) {
          if (block(axes.get(i)).equals(walk.block())) {
            sums[i] = sums(i, dense, walk, work);
          }
        }
      }
    }
    return List.of(sums);
  }

  private double[] sums(int i, NDArray dense, BlockWalk walk, Progress.Work work) {
    var option = options.get(i);
    var sums = new double[option.removed().size()];
    for (int j = 0; j < sums.length; j++) {
      int removed = option.removed().get(j);
      sums[j] =
          removed == 0
              ? 0
              : Without.measured(
                  model, axes.get(i), least(i, removed), () -> divergence(dense, walk));
      work.step(1);
    }
    return sums;
  }

  /** The {@code n} least salient groups, in the order in which methods take them. */
  private Groups least(int i, int n) {
    var axis = options.get(i).axis();
    var all = Groups.all(List.of(axis));
    var candidates = new Candidates(axis, options.get(i).cost(), scores.get(i), all, axis.size());
    return new Allocated(Map.of(axis.name(), n), Map.of()).choose(List.of(candidates), 1, 1);
  }

  private double divergence(NDArray dense, BlockWalk walk) {
    try (var scope = model.manager().newSubManager()) {
      return Divergence.sum(dense, logits(scope, walk));
    }
  }

  /** Logits (B, T, vocabulary) of the walk's only batch, from its block on. */
  private NDArray logits(NDManager scope, BlockWalk walk) {
    return walk.values(scope, 0, List.of(model.graph().logits()), List.of()).get(0);
  }

  /** The block that has the axis's weights. */
  private String block(AxisWeights axis) {
    var names = axis.slices().stream().map(slice -> slice.name()).toList();
    return model.graph().nodes().stream()
        .filter(node -> node.operator().parameters().stream().anyMatch(names::contains))
        .map(node -> node.block())
        .findFirst()
        .orElseThrow();
  }
}
