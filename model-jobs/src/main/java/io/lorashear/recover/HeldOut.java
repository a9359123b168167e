package io.lorashear.recover;

import io.lorashear.InputException;
import io.lorashear.corpus.Sequence;
import io.lorashear.score.Scorer;
import io.lorashear.score.SourceLosses;
import java.util.List;

/**
 * Rows that are scored on the way through a run.
 *
 * @param scorer over the model that learns
 * @param rows of every source that matters
 * @param apart whether no document of a row sees another
 * @param validations how often they are scored, the end included
 */
public record HeldOut(Scorer scorer, List<Sequence> rows, boolean apart, int validations) {

  /** Refuses to find the best state by nothing. */
  public HeldOut {
    if (rows.isEmpty()) {
      throw new InputException(
          "the corpus has no validation rows to find the best state by: tokenize it with a larger"
              + " validation share");
    }
    rows = List.copyOf(rows);
  }

  /** The losses of the model as it is after {@code step} steps. */
  public Validation validate(long step) {
    return new Validation(
        step, apart ? SourceLosses.documentsApart(scorer, rows) : SourceLosses.of(scorer, rows));
  }

  /** Whether a validation is due after {@code step} of {@code steps}: they are spread evenly. */
  public boolean due(long step, long steps) {
    return step * validations / steps > (step - 1) * validations / steps;
  }
}
