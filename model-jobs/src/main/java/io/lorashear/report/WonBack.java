package io.lorashear.report;

import java.util.OptionalDouble;

/**
 * How much of what pruning cost recovery has won back, in log-perplexity (nats per token), of one
 * source or of the mean over sources:
 *
 * <pre>
 *   share = (pruned − recovered) / (pruned − target)
 *
 *   pruned ────────────── recovered ──────── target        share
 *     0                      0.6                1
 * </pre>
 *
 * The target is the dense model, or the ceiling: the dense model after the same recovery. A share
 * below 0 says that recovery made the model worse, a share above 1 that it passed the target.
 */
public final class WonBack {
  private WonBack() {}

  /**
   * The share; empty if the pruned model is no worse than the target, because there is nothing to
   * win back.
   *
   * @param pruned log-perplexity of the pruned model, before recovery
   * @param recovered log-perplexity of the recovered model
   * @param target log-perplexity of the model that it is compared with
   */
  public static OptionalDouble share(double pruned, double recovered, double target) {
    return pruned > target
        ? OptionalDouble.of((pruned - recovered) / (pruned - target))
        : OptionalDouble.empty();
  }
}
