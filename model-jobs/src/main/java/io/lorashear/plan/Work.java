package io.lorashear.plan;

import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.ModelGraph;
import io.lorashear.train.TrainSettings;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a stage does with a model, as far as memory and time go.
 *
 * @param graph the model's, with pairs beside its linears where they are trained
 * @param learning names of the weights whose gradients are taken; empty where the stage only scores
 * @param update what becomes of them
 * @param train rows of a step, and how it is computed
 * @param length tokens of a row
 * @param steps of training
 * @param scored tokens that go through forward alone; empty where nobody knows before it runs
 * @param gradientScores whether gradients of the frozen weights are measured once
 * @param refits whether layers that read pruned groups are refitted by second moments of their
 *     inputs
 * @param files size of the files that weights are read from, where the memory of a whole process on
 *     a CPU is asked; none where that of a device is, which holds no files
 * @param fetched share of one axis that is copied while it shrinks or is put back; none where no
 *     axis is looked at
 * @param spark whether it is Spark's process that has the model
 * @param looking what is looked at on the way, without gradients
 * @param progressive what becomes of frozen weights on the way
 */
public record Work(
    ModelGraph graph,
    Set<String> learning,
    Update update,
    TrainSettings train,
    int length,
    long steps,
    OptionalLong scored,
    boolean gradientScores,
    boolean refits,
    OptionalLong files,
    OptionalDouble fetched,
    boolean spark,
    Looking looking,
    Progressive progressive) {

  /** Work that looks at nothing beside, and leaves frozen weights as they are. */
  Work(
      ModelGraph graph,
      Set<String> learning,
      Update update,
      TrainSettings train,
      int length,
      long steps,
      OptionalLong scored,
      boolean gradientScores,
      boolean refits,
      OptionalLong files,
      OptionalDouble fetched,
      boolean spark) {
    this(
        graph,
        learning,
        update,
        train,
        length,
        steps,
        scored,
        gradientScores,
        refits,
        files,
        fetched,
        spark,
        Looking.NONE,
        Progressive.NONE);
  }

  /** What becomes of weights whose gradients are taken. */
  public enum Update {
    /** There are none. */
    NONE,
    /** They are added up and looked at once. */
    MEASURED,
    /** Masks that learn are written into them, and the dense ones kept beside. */
    MASKS,
    /** AdamW changes them, which are pairs beside frozen weights. */
    PAIRS,
    /** AdamW changes them, which are all there are and were drawn here. */
    EVERYTHING
  }

  /** Whether gradients are taken. */
  boolean trains() {
    return update != Update.NONE;
  }

  /** Whether weights change by them. */
  boolean updates() {
    return update == Update.PAIRS || update == Update.EVERYTHING;
  }

  /** Whether values are computed again for the gradients, which only training does. */
  boolean recomputes() {
    return (updates() || update == Update.MASKS) && train.recompute();
  }

  /** Tokens that go forward and back. */
  long tokens() {
    return steps * (update == Update.MEASURED ? 1 : train.accumulate()) * train.rows() * length;
  }

  /** The same work with other training settings. */
  Work with(TrainSettings other) {
    return changed(other, gradientScores, refits, looking, progressive);
  }

  /** The same work with {@link #refits}. */
  Work refitting() {
    return changed(train, gradientScores, true, looking, progressive);
  }

  /** The same without gradients of frozen weights. */
  Work withoutGradientScores() {
    return changed(train, false, refits, looking, progressive);
  }

  /** The same with {@code rows} looked at. */
  Work looking(Looking rows) {
    return changed(train, gradientScores, refits, rows, progressive);
  }

  /** The same work by which frozen weights change on the way. */
  Work changing(Progressive frozen) {
    return changed(train, gradientScores, refits, looking, frozen);
  }

  private Work changed(
      TrainSettings train,
      boolean scores,
      boolean refits,
      Looking looking,
      Progressive progressive) {
    return new Work(
        graph,
        learning,
        update,
        train,
        length,
        steps,
        scored,
        scores,
        refits,
        files,
        fetched,
        spark,
        looking,
        progressive);
  }

  /**
   * Bytes of a saved state: what learns with its two moments, the pairs of every fold and the rows
   * on their way; matrices that are refitted, and by how much, are in it whole. Two are kept, and a
   * third is there while it is written.
   */
  public double stateBytes() {
    if (!updates()) {
      return 0;
    }
    double learns = learning.stream().mapToDouble(n -> graph.parameter(n).elements()).sum();
    double refitted = refits ? 2 * MemoryPlan.refittedElements(this) : 0;
    return 4 * ((3 + progressive.folds()) * learns + progressive.rows() + refitted);
  }

  /** Floating-point operations of all matrix products that are known beforehand. */
  public double operations() {
    double predicted = (length - 1.0) / length;
    double forward = LinearProducts.of(graph, Set.of()).operations(1, predicted);
    double step = LinearProducts.of(graph, learning).operations(1, predicted);
    double again = recomputes() ? LinearProducts.of(graph, Set.of()).operations(1, 0) : 0;
    double looked = looking.tokens() > 0 ? LinearProducts.of(graph, Set.of()).operations(1, 0) : 0;
    return (trains() ? tokens() * (step + again) : 0)
        + scored.orElse(0) * forward
        + looking.tokens() * looked;
  }
}
