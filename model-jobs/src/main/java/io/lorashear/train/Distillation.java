package io.lorashear.train;

import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SoftTargets;
import java.util.List;
import java.util.function.Function;

/**
 * Learning from what another model expects, beside the next token.
 *
 * @param teacher what it expects of a row
 * @param weight share of the loss that is its, in (0, 1]
 * @param temperature above 0; 1 takes its probabilities as they are
 */
public record Distillation(
    Function<Sequence, SoftTargets> teacher, double weight, double temperature) {

  TeacherTargets of(List<Sequence> sequences) {
    return new TeacherTargets(sequences.stream().map(teacher).toList(), weight, temperature);
  }
}
