package io.lorashear.recover;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;

/**
 * Algorithm 5's loop: a subset drawn by where the model still lacks, a round on it, until nothing
 * more is gained.
 *
 * <pre>
 *   until rounds are done, converged, or no subset is left:
 *     subset ← by the losses after the last round
 *     checkpoint ← round(checkpoint, subset)
 *   the checkpoint of the lowest loss
 * </pre>
 */
public final class Rounds {
  private Rounds() {}

  /** Draws the subset of a round. */
  public interface NextSubset {
    /**
     * The published subset of round {@code round}, the first being 0, or nothing when the corpus is
     * used up.
     *
     * @param checkpoint the model as it is before the round
     */
    Optional<Path> draw(int round, Path checkpoint);
  }

  /** Does one round; {@link RecoverStage} with settings made for it. */
  public interface OneRound {
    /** The published result of round {@code round}. */
    Done run(int round, Path checkpoint, Path subset);
  }

  /** A published round with its mean held-out losses. */
  public record Done(Path checkpoint, double before, double best) {}

  /** The checkpoint to continue with: that of the round with the lowest loss. */
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
