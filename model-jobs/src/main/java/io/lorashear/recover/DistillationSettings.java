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
 *   loss = (1 − weight) · next-token loss + weight · T² · KL(teacher ‖ model), both at T
 * </pre>
 *
 * @param teacher loss report of the dense model, published by {@code perplexity} with {@code
 *     keepTop} on the rows that are trained on
 * @param weight share of the loss, in [0, 1]
 * @param temperature T, above 0; 1 takes probabilities as they are, higher values flatten them
 */
public record DistillationSettings(
    Optional<Path> teacher, @Default("0") double weight, @Default("1.0") double temperature)
    implements Withers<DistillationSettings> {

  /** No distillation: the next-token loss alone. */
  public static final DistillationSettings NONE = new DistillationSettings(Optional.empty(), 0, 1);

  void check(Problems problems) {
    problems.require(
        weight >= 0 && weight <= 1, "weight", "is %s: give a share of the loss in [0, 1]", weight);
    problems.require(
        temperature > 0,
        "temperature",
        "is %s: give a positive number, for example 1",
        temperature);
    problems.require(
        weight <= 0 || teacher.isPresent(),
        "weight",
        "is %s, but there is no teacher: name a loss report of the dense model that keeps"
            + " its likeliest tokens (perplexity with keepTop)",
        weight);
  }

  /**
   * Checks that a given teacher is used.
   *
   * @throws InputException if there is a teacher but the weight is 0
   */
  void requireUse() {
    if (weight == 0 && teacher.isPresent()) {
      throw new InputException(
          "distillation.teacher is %s, but nothing is learnt from it: give distillation.weight, for"
              + " example 0.5",
          teacher.get());
    }
  }
}
