package io.lorashear.score;

import java.util.List;

/** A model that computes likelihoods, in this process or distributed over others. */
public interface ScoringModel extends Likelihood, AutoCloseable {
  /**
   * Negative log-likelihood, in nats, of every token from the second on.
   *
   * @param sequences each of at least two tokens and at most one more than {@link #longest}
   * @return for each sequence (its length − 1,)
   */
  double[][] tokenLosses(List<int[]> sequences);

  /** Number of positions of the model. */
  int longest();

  @Override
  void close();
}
