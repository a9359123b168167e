/**
 * Gives a pruned model back what it lost. In: a checkpoint and a drawn subset of the sequences a
 * round. Out: a checkpoint with the best LoRA of the round merged in, and its losses per source.
 * LoRAShear (arXiv 2310.18356), section 3.4, Algorithm 5.
 */
@NullMarked
package io.lorashear.recover;

import org.jspecify.annotations.NullMarked;
