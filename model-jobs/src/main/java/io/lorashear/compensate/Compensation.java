package io.lorashear.compensate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.lorashear.InputException;
import io.lorashear.dependency.Groups;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Chunk;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.Arithmetic;
import io.lorashear.torch.kernel.LeastSquares;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Refits every matrix that reads leaving groups, by what its inputs have in common.
 *
 * <pre>
 *   measure:  H ← Σ xᵀx over the rows, on the model as it is;  Δ ← LeastSquares.refit(W, H)
 *   add α:    W ← W + α·Δ                                      all of it once α adds up to 1
 * </pre>
 *
 * Second moments are held for as many matrices at a time as {@link Chunk#moments} allows, at least
 * one; the rows go through the model once for each such share.
 */
public final class Compensation {
  private final TorchModel model;
  private final List<ReadingMatrix> matrices;
  private final Inputs inputs;
  private final double damping;
  private final Consumer<Groups> afterwards;
  private final Consumer<String> told;
  private final Map<String, NDArray> updates = new LinkedHashMap<>();
  private final Set<String> pending = new LinkedHashSet<>(); // of the updates, those not zero

  /** The same, and nobody is told where the damping is raised. */
  public Compensation(
      TorchModel model, List<AxisWeights> axes, List<int[][]> batches, double damping) {
    this(model, axes, batches, damping, gone -> {}, text -> {});
  }

  /**
   * For the matrices that read {@code axes}.
   *
   * @param batches token ids (B, T) of each
   * @param afterwards refits them once more when the groups it is given are zero and no pair has a
   *     part in the model; may change their biases too
   * @param told takes a line for every matrix that needed more damping than asked for
   */
  public Compensation(
      TorchModel model,
      List<AxisWeights> axes,
      List<int[][]> batches,
      double damping,
      Consumer<Groups> afterwards,
      Consumer<String> told) {
    this.afterwards = afterwards;
    this.told = told;
    this.model = model;
    this.matrices = ReadingMatrix.of(model.graph(), axes);
    this.inputs = new Inputs(model, batches);
    this.damping = damping;
    for (var matrix : matrices) {
      updates.computeIfAbsent(name(matrix), key -> zeros(matrix.slice().weight()));
    }
  }

  /** Where the weight itself is. */
  private static NDArray zeros(NDArray weight) {
    return weight.getManager().zeros(weight.getShape(), DataType.FLOAT32);
  }

  private static String name(ReadingMatrix matrix) {
    return "compensation." + matrix.place() + "." + matrix.slice().name();
  }

  /**
   * Finds Δ for groups that are about to go; there is none where nothing is left to read.
   *
   * @param kept neither leaving nor gone
   */
  public void measure(Groups leaving, Groups kept) {
    Arithmetic.clear(updates.values());
    pending.clear();
    var due = new ArrayList<ReadingMatrix>();
    for (var matrix : matrices) {
      boolean whole = !matrix.reads(kept.indices(matrix.axis()));
      if (matrix.reads(leaving.indices(matrix.axis())) && !whole) {
        due.add(matrix);
      }
    }
    inputs.byShares(due, (matrix, h) -> refit(matrix, h, leaving, kept));
  }

  /** Adds Δ of one matrix; h (in, in). */
  private void refit(ReadingMatrix matrix, NDArray h, Groups leaving, Groups kept) {
    try (var scope = model.manager().newSubManager()) {
      var stays = kept.indices(matrix.axis());
      var goes = leaving.indices(matrix.axis());
      var k = positions(scope, matrix, group -> group < 0 || stays.get(group)); // (K,)
      var r = positions(scope, matrix, group -> group >= 0 && goes.get(group)); // (R,)
      var weight = matrix.slice().effective(scope); // (out, in)
      var refit = LeastSquares.refit(scope, weight, h, k, r, damping);
      look(matrix, refit.damping());
      var total = found(updates, name(matrix)); // (out, in)
      total.addi(refit.update().toDevice(total.getDevice(), false));
      pending.add(name(matrix));
    }
  }

  private void look(ReadingMatrix matrix, double used) {
    if (Double.isNaN(used)) {
      throw new InputException(
          "compensation: what %s reads on the calibration rows has no finite second moments, so the"
              + " model's activations overflow there: see with generate or verify whether the model"
              + " is sound, or set compensation.rows to 0",
          matrix.slice().name());
    }
    if (used > damping) {
      told.accept(
          "%s: damping %s in the place of %s".formatted(matrix.slice().name(), used, damping));
    }
  }

  private static <K> NDArray found(Map<K, NDArray> arrays, K key) {
    return Objects.requireNonNull(arrays.get(key));
  }

  private static NDArray positions(NDManager scope, ReadingMatrix matrix, IntPredicate group) {
    var groupOf = matrix.slice().groupOf();
    return HostArrays.send(
        scope,
        IntStream.range(0, groupOf.length)
            .filter(position -> group.test(groupOf[position]))
            .asLongStream()
            .toArray());
  }

  /** {@code W ← W + share·Δ} in every matrix that has one. */
  public void add(double share) {
    var due = matrices.stream().filter(matrix -> pending.contains(name(matrix))).toList();
    Arithmetic.add(
        due.stream().map(matrix -> matrix.slice().weight()).toList(),
        due.stream().map(matrix -> found(updates, name(matrix))).toList(),
        share);
  }

  /**
   * Refits what is left, as the constructor was told to.
   *
   * @param gone groups at zero
   */
  public void after(Groups gone) {
    afterwards.accept(gone);
  }

  /** Δ of every matrix by name, for a state that a killed run resumes from; live. */
  public Map<String, NDArray> updates() {
    return Collections.unmodifiableMap(updates);
  }

  /** The names among {@link #updates} that are being added, for the same. */
  public Set<String> pending() {
    return Collections.unmodifiableSet(pending);
  }

  /** Takes back what {@link #pending} gave. */
  public void restore(Collection<String> names) {
    pending.clear();
    pending.addAll(names);
  }

  /** The matrices that change, by name, and their biases; live. */
  public Map<String, NDArray> matrices() {
    var weights = new LinkedHashMap<String, NDArray>();
    for (var matrix : matrices) {
      weights.put(matrix.slice().name(), matrix.slice().weight());
      if (matrix.bias() != null) {
        weights.put(matrix.bias(), model.parameter(matrix.bias()));
      }
    }
    return weights;
  }
}
