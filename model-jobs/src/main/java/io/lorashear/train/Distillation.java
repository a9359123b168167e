package io.lorashear.train;

import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SoftTargets;
import java.util.List;
import java.util.function.Function;

/**
 * Training on another model's predictions in addition to the next token.
 *
 * @param teacher the other model's predictions for a row
 * @param weight its share of the loss, in (0, 1]
 * @param temperature above 0; 1 takes its probabilities as they are
 */
public record Distillation(
    Function<Sequence, SoftTargets> teacher, double weight, double temperature) {

  TeacherTargets of(List<Sequence> sequences) {
    return new TeacherTargets(sequences.stream().map(teacher).toList(), weight, temperature);
  }
}
