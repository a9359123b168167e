package io.lorashear.recover;

import io.lorashear.InputException;
import io.lorashear.corpus.Sequence;
import io.lorashear.score.Scorer;
import io.lorashear.score.SourceLosses;
import java.util.List;

/**
 * Held-out rows that are scored during training.
 *
 * @param scorer scorer over the model in training
 * @param rows held-out rows, from every source of interest
 * @param apart whether documents of a row cannot attend to each other
 * @param validations how often the rows are scored, the end included
 */
public record HeldOut(Scorer scorer, List<Sequence> rows, boolean apart, int validations) {

  /** Refuses an empty list of rows, because the best state is chosen by their loss. */
  public HeldOut {
    if (rows.isEmpty()) {
      throw new InputException(
          "the corpus has no validation rows to find the best state by: tokenize it with a larger"
              + " validation share");
    }
    rows = List.copyOf(rows);
  }

  /** The losses of the model in its current state, after {@code step} steps. */
  public Validation validate(long step) {
    return new Validation(
        step, apart ? SourceLosses.documentsApart(scorer, rows) : SourceLosses.of(scorer, rows));
  }

  /**
   * Whether a validation is due after {@code step} of {@code steps}: validations are evenly spaced.
   */
  public boolean due(long step, long steps) {
    return step * validations / steps > (step - 1) * validations / steps;
  }
}
