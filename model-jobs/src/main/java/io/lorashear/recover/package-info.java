/**
 * Recovers the quality of a pruned model by training. In: a checkpoint, and for each round a drawn
 * subset of the sequences. Out: a checkpoint with the best LoRA weights of the round merged in, and
 * its losses per source. LoRAShear (arXiv 2310.18356), section 3.4, Algorithm 5.
 */
@NullMarked
package io.lorashear.recover;

import org.jspecify.annotations.NullMarked;
