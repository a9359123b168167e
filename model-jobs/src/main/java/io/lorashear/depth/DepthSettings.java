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

  /** What goes as one. */
  public enum What {
    /** A layer's attention with its MLP. */
    BLOCKS,
    /** A layer's attention, or its MLP. */
    SUBLAYERS
  }

  /** What is done about the difference. */
  public enum Rest {
    /** Nothing: as many go as come nearest to the budget. */
    STAYS,
    /** As many go as the budget holds, and then single heads and channels of what is left. */
    WIDTH
  }
}
