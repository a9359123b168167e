package io.lorashear.rank;

import io.lorashear.InputException;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.util.Locale;

/**
 * Whether LoRA pairs begin with more components than they end with, and how components are removed.
 *
 * <pre>
 *   every K1 steps each pair loses K2 components, until {@code lora.rank} are left
 * </pre>
 *
 * @param startRank r₀, the rank that training begins with; 0: no pruning
 * @param every K1, steps between two events
 * @param components K2, components that one event removes from each pair (with {@code allocation:
 *     global} on average)
 * @param score score by which components are chosen
 * @param allocation per-module: one rank for all; global: ranks by the saliency of components
 * @param compensation in which factor the remaining components compensate for removed ones: b; both
 *     (twice, see docs/methods.md); none; by-score: b with gradient, whose score assumes it, else
 *     none
 * @param damping share of the mean of H's diagonal that is added to it, in (0, 1]
 * @param memory β, how much of H is kept each step, in [0, 1)
 */
public record RankSettings(
    @Default("0") int startRank,
    @Default("10") int every,
    @Default("2") int components,
    @Default("gradient") Score score,
    @Default("per-module") Allocation allocation,
    @Default("by-score") Compensation compensation,
    @Default("0.01") double damping,
    @Default("0.95") double memory) {

  /** No pruning. */
  public static final RankSettings NONE =
      new RankSettings(
          0, 10, 2, Score.GRADIENT, Allocation.PER_MODULE, Compensation.BY_SCORE, 0.01, 0.95);

  /** In which factor the remaining components compensate for removed ones. */
  public enum Compensation {
    BY_SCORE,
    NONE,
    B,
    BOTH;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Whether pairs are pruned. */
  public boolean wanted() {
    return startRank > 0;
  }

  /** The compensation, with {@code by-score} resolved. */
  Compensation compensated() {
    if (compensation != Compensation.BY_SCORE) {
      return compensation;
    }
    return score == Score.GRADIENT ? Compensation.B : Compensation.NONE;
  }

  /** Whether second moments of gradients are needed. */
  boolean curved() {
    return score == Score.GRADIENT || compensated() != Compensation.NONE;
  }

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(
        startRank >= 0 && startRank <= 4096,
        "startRank",
        "is %s: give the rank to begin with, up to 4096, or 0 for no pruning",
        startRank);
    problems.require(every >= 1, "every", "is %s: give at least 1 step", every);
    problems.require(components >= 1, "components", "is %s: give at least 1", components);
    problems.require(
        damping > 0 && damping <= 1,
        "damping",
        "is %s: give a share in (0, 1], for example 0.01",
        damping);
    problems.require(memory >= 0 && memory < 1, "memory", "is %s: give a share in [0, 1)", memory);
  }

  /**
   * Number of steps after which nothing more is removed.
   *
   * @param rank rank that remains
   */
  public long lastStep(int rank) {
    return (long) every * ((startRank - rank + components - 1) / components);
  }

  /**
   * Checks that the final rank is reached before training ends.
   *
   * @throws InputException with settings that would suffice
   */
  public void requireRoom(int rank, long steps) {
    if (lastStep(rank) >= steps) {
      throw new InputException(
          "prunedLora takes %d components of each pair away every %d steps: from rank %d to %d"
              + " that is done after step %d, but there are %d steps: give more steps, more"
              + " components or a lower every",
          components, every, startRank, rank, lastStep(rank), steps);
    }
  }
}
