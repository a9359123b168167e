package io.lorashear.recover;

import io.lorashear.InputException;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Withers;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Learning from the dense model in addition to the next token; off with a weight of 0.
 *
 * <pre>
 *   loss = (1 − a) · next-token loss + a · T² · KL(teacher ‖ model), both at T
 *   a    = weight                              or, if it falls, weight · (1 − step / steps)
 * </pre>
 *
 * <p>A dense model that was trained on the recovery text itself teaches what the smaller model is
 * to become; the dense model as it was pulls it back (teacher correction, Minitron, arXiv
 * 2408.11796, section 2).
 *
 * @param teacher loss report of the dense model, published by {@code perplexity} with {@code
 *     keepTop} on the rows that are trained on
 * @param checkpoint the teaching model itself, instead of its report: it scores the rows before the
 *     training, without the tokens that the learning model has lost
 * @param top k, number of its likeliest tokens at each position, if {@code checkpoint} is given;
 *     all others are one bucket
 * @param weight share of the loss, in [0, 1]
 * @param falls whether that share falls to 0 over the steps
 * @param temperature T, above 0; 1 takes probabilities as they are, higher values flatten them
 */
public record DistillationSettings(
    Optional<Path> teacher,
    Optional<Path> checkpoint,
    @Default("32") int top,
    @Default("0") double weight,
    @Default("false") boolean falls,
    @Default("1.0") double temperature)
    implements Withers<DistillationSettings> {

  /** No distillation: the next-token loss alone. */
  public static final DistillationSettings NONE =
      new DistillationSettings(Optional.empty(), Optional.empty(), 32, 0, false, 1);

  void check(Problems problems) {
    problems.require(
        weight >= 0 && weight <= 1, "weight", "is %s: give a share of the loss in [0, 1]", weight);
    problems.require(
        temperature > 0,
        "temperature",
        "is %s: give a positive number, for example 1",
        temperature);
    problems.require(
        weight <= 0 || teacher.isPresent() || checkpoint.isPresent(),
        "weight",
        "is %s, but there is no teacher: name a loss report of the dense model that keeps"
            + " its likeliest tokens (perplexity with keepTop), or give the model as checkpoint",
        weight);
    problems.require(
        teacher.isEmpty() || checkpoint.isEmpty(),
        "checkpoint",
        "is %s, and teacher is %s: give one of them",
        checkpoint.map(Path::toString).orElse(""),
        teacher.map(Path::toString).orElse(""));
    problems.require(top > 0, "top", "is %s: give a number of tokens, for example 32", top);
  }

  /** Whether a loss report is wanted: something is learnt, and not from a checkpoint. */
  public boolean reported() {
    return weight > 0 && checkpoint.isEmpty();
  }

  /**
   * Checks that a given teacher is used.
   *
   * @throws InputException if there is a teacher but the weight is 0
   */
  void requireUse() {
    requireUse("teacher", teacher);
    requireUse("checkpoint", checkpoint);
  }

  private void requireUse(String key, Optional<Path> given) {
    if (weight == 0 && given.isPresent()) {
      throw new InputException(
          "distillation.%s is %s, but nothing is learnt from it: give distillation.weight, for"
              + " example 0.5",
          key, given.get());
    }
  }
}
