/**
 * Prunes components of LoRA pairs during training. In: pairs of a high rank, their gradients. Out:
 * pairs of a lower rank, whose remaining components compensate for the removed ones. PrunedLoRA
 * (arXiv 2510.00192), and simpler scores for comparison.
 */
@NullMarked
package io.lorashear.rank;

import org.jspecify.annotations.NullMarked;
