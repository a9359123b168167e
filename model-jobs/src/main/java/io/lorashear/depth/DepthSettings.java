package io.lorashear.depth;

import io.lorashear.settings.Default;

/**
 * Which units depth pruning removes.
 *
 * @param what whole blocks, or attentions and MLPs each by itself
 * @param rest what happens to the part of the budget that no number of whole units meets
 */
public record DepthSettings(@Default("blocks") What what, @Default("stays") Rest rest) {
  /** Whole blocks and nothing else. */
  public static final DepthSettings USUAL = new DepthSettings(What.BLOCKS, Rest.STAYS);

  /** The unit of removal. */
  public enum What {
    /** A layer's attention with its MLP. */
    BLOCKS,
    /** A layer's attention, or its MLP. */
    SUBLAYERS
  }

  /** How the difference to the budget is treated. */
  public enum Rest {
    /** It stays: as many units are removed as come nearest to the budget. */
    STAYS,
    /**
     * As many units are removed as the budget allows, and then single heads and channels of the
     * rest.
     */
    WIDTH
  }
}
