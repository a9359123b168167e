package io.lorashear.train;

import ai.djl.Device;
import io.lorashear.corpus.Sequence;
import io.lorashear.optim.LearningRate;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Withers;
import io.lorashear.torch.Originals;
import io.lorashear.torch.Placement;
import io.lorashear.torch.PrecisionChoice;
import java.util.List;

/**
 * Training: learning rate, batches, precision, saved states.
 *
 * @param learningRate peak learning rate
 * @param schedule shape of the learning rate after the warm-up
 * @param from where in the whole schedule this run begins, in [0, 1); the rounds of {@code run}
 *     share one schedule
 * @param to where in it this run ends, in (from, 1]
 * @param warmup share of the steps until the peak, in [0, 1)
 * @param clip maximum norm of all gradients together; 0: no limit
 * @param rows sequences of a micro-batch
 * @param accumulate micro-batches of a step
 * @param saveEvery steps between two saved states, of which the last two are kept; 0: none
 * @param recompute keep only the inputs of each block in memory and compute the rest again for the
 *     gradients: the same result, less memory, more time
 * @param isolateDocuments hide documents of a packed row from each other, so that each is read as
 *     if it were alone
 * @param precision number type of the computation; in bfloat16 trained weights and sums are float32
 * @param originals where the float32 weights of a model lie that computes in bfloat16 on a GPU
 */
public record TrainSettings(
    @Default("2e-3") double learningRate,
    @Default("cosine") LearningRate.Shape schedule,
    @Default("0") double from,
    @Default("1") double to,
    @Default("0.1") double warmup,
    @Default("1.0") double clip,
    @Default("2") int rows,
    @Default("1") int accumulate,
    @Default("50") int saveEvery,
    @Default("false") boolean recompute,
    @Default("false") boolean isolateDocuments,
    @Default("auto") PrecisionChoice precision,
    @Default("auto") Originals originals)
    implements Withers<TrainSettings> {

  /** A whole schedule, without recomputation or isolated documents, in automatic precision. */
  public TrainSettings(
      double learningRate,
      LearningRate.Shape schedule,
      double warmup,
      double clip,
      int rows,
      int accumulate,
      int saveEvery) {
    this(
        learningRate,
        schedule,
        0,
        1,
        warmup,
        clip,
        rows,
        accumulate,
        saveEvery,
        false,
        false,
        PrecisionChoice.AUTO,
        Originals.AUTO);
  }

  /** The same with another peak learning rate and without gradient clipping. */
  public TrainSettings at(double rate) {
    return new TrainSettings(
        rate,
        schedule,
        from,
        to,
        warmup,
        0,
        rows,
        accumulate,
        saveEvery,
        recompute,
        isolateDocuments,
        precision,
        originals);
  }

  /**
   * Where and in which number type a model is trained on {@code device}.
   *
   * @throws io.lorashear.InputException where the device cannot compute in {@code precision}
   */
  public Placement placement(Device device) {
    return new Placement(device, precision.on(device), originals);
  }

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(
        learningRate > 0,
        "learningRate",
        "is %s: give a positive number, for example 2e-3",
        learningRate);
    problems.require(
        warmup >= 0 && warmup < 1, "warmup", "is %s: give a share of the steps in [0, 1)", warmup);
    problems.require(
        from >= 0 && from < to && to <= 1,
        "from",
        "is %s and to is %s: give the part of the schedule, 0 <= from < to <= 1",
        from,
        to);
    problems.require(clip >= 0, "clip", "is %s: give a positive norm, or 0 for no limit", clip);
    problems.require(rows >= 1, "rows", "is %s: a batch has at least one sequence", rows);
    problems.require(accumulate >= 1, "accumulate", "is %s: give at least 1", accumulate);
    problems.require(saveEvery >= 0, "saveEvery", "is %s: give a number of steps, or 0", saveEvery);
  }

  /**
   * Tokens of a step, padding included.
   *
   * @param rows rows that are trained on, which have the same length; if there are none, 1
   */
  public long tokens(List<Sequence> rows) {
    return rows.isEmpty() ? 1 : (long) rows() * accumulate * rows.get(0).inputIds().length;
  }

  /** The learning rate schedule of a run of {@code steps} steps. */
  public LearningRate schedule(long steps) {
    return new LearningRate(learningRate, schedule, Math.round(warmup * steps), steps, from, to);
  }
}
