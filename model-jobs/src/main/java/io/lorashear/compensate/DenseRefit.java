package io.lorashear.compensate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.compensate.CompensationSettings.Towards;
import io.lorashear.saliency.Orientation;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.ErrorMoments;
import io.lorashear.torch.kernel.ErrorMoments.Correction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * Refits the last matrix of every attention and MLP of a pruned model, so that it computes what the
 * dense model does from the inputs that earlier errors left it.
 *
 * <pre>
 *   for W of every attention and MLP, in forward order:
 *     x ← what W reads in the pruned model, whose earlier matrices are refitted already
 *     e ← y₀ − W x             y₀: what the dense model says there          towards: dense
 *         z₀ − z               its residual stream less the pruned one's    towards: stream
 *     W ← W + Σeᵀx (Σxᵀx + λD)⁻¹        in the columns that are kept        {@link ErrorMoments}
 * </pre>
 *
 * Each block runs three times for all rows in both models, once up to each of its two matrices and
 * once for what the next block reads: less than five passes forward through all blocks, without
 * logits. The second moments of one matrix are held at a time, and what the rows have between two
 * blocks, twice. Where both models compute the same, nothing changes, to the bit.
 */
public final class DenseRefit {
  /**
   * What changed in one matrix.
   *
   * @param name of the matrix
   * @param before mean of e² over positions and outputs
   * @param after the same with the new weights
   */
  public record Refitted(String name, double before, double after) {
    /** Adds it to {@code json}, by its name. */
    public void to(ObjectNode json) {
      json.putObject(name).put("before", before).put("after", after);
    }
  }

  private final TorchModel dense;
  private final TorchModel pruned;
  private final Towards towards;
  private final double damping;
  private final Consumer<String> told;
  private final Orientation orientation;

  /**
   * A refit of {@code pruned}, whose groups are cut out or zero already, and in which no LoRA pair
   * has a part.
   *
   * @param told takes a line for every matrix that needed more damping than asked for
   */
  public DenseRefit(
      TorchModel dense, TorchModel pruned, CompensationSettings settings, Consumer<String> told) {
    this.dense = dense;
    this.pruned = pruned;
    this.towards = settings.towards();
    this.damping = settings.damping();
    this.told = told;
    this.orientation = new Orientation(pruned.graph());
  }

  /**
   * Refits a model whose groups are cut out.
   *
   * @param origins names in the dense model of matrices that have others in the pruned one
   * @param batches token ids (B, T) of each
   */
  public List<Refitted> run(Map<String, String> origins, List<int[][]> batches) {
    return run(
        origins, name -> LongStream.range(0, weight(name).getShape().get(1)).toArray(), batches);
  }

  /**
   * Refits a model of full size.
   *
   * @param kept of a matrix, the columns whose groups are not zero; if there are none, the matrix
   *     stays
   * @param batches token ids (B, T) of each
   */
  public List<Refitted> run(Function<String, long[]> kept, List<int[][]> batches) {
    return run(Map.of(), kept, batches);
  }

  private List<Refitted> run(
      Map<String, String> origins, Function<String, long[]> kept, List<int[][]> batches) {
    var refitted = new ArrayList<Refitted>();
    try (var walk = new PairedWalk(dense, pruned, batches)) {
      for (var pair : OutputMatrix.Pair.of(dense.graph(), pruned.graph(), origins)) {
        var columns = kept.apply(pair.pruned().name());
        if (columns.length > 0) {
          walk.to(pair);
          refitted.add(refit(walk, pair, columns));
        }
      }
    }
    return List.copyOf(refitted);
  }

  private NDArray weight(String name) {
    return orientation.outIn(name, pruned.parameter(name)); // (out, in)
  }

  private Refitted refit(PairedWalk walk, OutputMatrix.Pair pair, long[] columns) {
    var matrix = pair.pruned();
    try (var scope = pruned.manager().newSubManager()) {
      var weight = weight(matrix.name()); // (out, in)
      int out = Math.toIntExact(weight.getShape().get(0));
      int in = Math.toIntExact(weight.getShape().get(1));
      var bias = matrix.bias() == null ? null : pruned.parameter(matrix.bias()); // (out,)
      var moments = new ErrorMoments(scope, bias == null ? in : in + 1, out);
      var own = List.of(matrix.input(), matrix.compared(towards));
      for (int i = 0; i < walk.batches(); i++) {
        try (var pass = scope.newSubManager()) {
          var said = walk.pruned().values(pass, i, own, List.of());
          var target = walk.dense(pass, i, pair.dense().compared(towards)).get(0);
          moments.add(said.get(0), target, said.get(1));
        }
      }
      var kept =
          bias == null
              ? columns
              : LongStream.concat(LongStream.of(columns), LongStream.of(in)).toArray();
      var correction = moments.correction(HostArrays.send(scope, kept), damping);
      look(matrix, correction);
      var update = correction.update();
      add(scope, weight, update.get(":, :" + in)); // (out, in)
      if (bias != null) {
        add(scope, bias, update.get(":, " + in)); // (out,)
      }
      return new Refitted(matrix.name(), correction.before(), correction.after());
    }
  }

  private static void add(NDManager scope, NDArray weight, NDArray update) {
    update.attach(scope);
    weight.addi(update.toDevice(weight.getDevice(), false));
  }

  private void look(OutputMatrix matrix, Correction correction) {
    if (Double.isNaN(correction.damping())) {
      throw new InputException(
          "compensation: what %s reads on the calibration rows has no finite second moments, so the"
              + " pruned model's activations overflow there: see with generate or verify whether"
              + " the model is sound, or set compensation.towards to pruned",
          matrix.name());
    }
    if (correction.damping() > damping) {
      told.accept(
          "%s: damping %s in the place of %s"
              .formatted(matrix.name(), correction.damping(), damping));
    }
  }
}
