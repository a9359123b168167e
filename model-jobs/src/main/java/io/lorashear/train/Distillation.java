package io.lorashear.train;

import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SoftTargets;
import java.util.List;
import java.util.function.Function;

/**
 * Training on another model's predictions in addition to the next token.
 *
 * @param teacher the other model's predictions for a row
 * @param weight its share of the loss at the first step, in (0, 1]
 * @param temperature above 0; 1 takes its probabilities as they are
 * @param until step from which its share is 0: it falls on a straight line. 0: it does not fall
 */
public record Distillation(
    Function<Sequence, SoftTargets> teacher, double weight, double temperature, long until) {

  /** A teacher whose share of the loss stays the same. */
  public Distillation(Function<Sequence, SoftTargets> teacher, double weight, double temperature) {
    this(teacher, weight, temperature, 0);
  }

  /** The same, with a share that falls to 0 over {@code steps} steps. */
  public Distillation falling(long steps) {
    return new Distillation(teacher, weight, temperature, steps);
  }

  /** What the teacher says about the rows of a batch of step {@code step}, the first being 0. */
  TeacherTargets of(List<Sequence> sequences, long step) {
    double share = until == 0 ? weight : weight * Math.max(0, 1 - (double) step / until);
    return new TeacherTargets(sequences.stream().map(teacher).toList(), share, temperature);
  }
}
