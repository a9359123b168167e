package io.lorashear.recover;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;

/**
 * Algorithm 5's loop: each round trains on a subset drawn by the model's remaining losses, until
 * the loss has converged.
 *
 * <pre>
 *   until rounds are done, converged, or no subset is left:
 *     subset ← drawn by the losses after the last round
 *     checkpoint ← round(checkpoint, subset)
 *   the checkpoint with the lowest loss
 * </pre>
 */
public final class Rounds {
  private Rounds() {}

  /** Draws the subset of a round. */
  public interface NextSubset {
    /**
     * The published subset of round {@code round}, the first being 0, or empty if the corpus is
     * used up.
     *
     * @param checkpoint the model before the round
     */
    Optional<Path> draw(int round, Path checkpoint);
  }

  /** Runs one round, usually {@link RecoverStage} with settings for that round. */
  public interface OneRound {
    /** The published result of round {@code round}. */
    Done run(int round, Path checkpoint, Path subset);
  }

  /** A published round with its mean held-out losses, in nats per token. */
  public record Done(Path checkpoint, double before, double best) {}

  /**
   * Runs the rounds, and returns the checkpoint with the lowest loss; {@code pruned} if no round
   * lowered it.
   */
  public static Path run(
      Path pruned, int most, Convergence convergence, NextSubset subsets, OneRound round) {
    var losses = new ArrayList<Double>();
    var checkpoint = pruned;
    var best = pruned;
    for (int number = 0; number < most && !convergence.reached(losses); number++) {
      var subset = subsets.draw(number, checkpoint);
      if (subset.isEmpty()) {
        break;
      }
      var done = round.run(number, checkpoint, subset.get());
      if (losses.isEmpty()) {
        losses.add(done.before());
      }
      double lowest = losses.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
      if (done.best() < lowest) {
        best = done.checkpoint();
      }
      losses.add(done.best());
      checkpoint = done.checkpoint();
    }
    return best;
  }
}
