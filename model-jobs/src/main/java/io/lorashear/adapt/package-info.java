/**
 * Trains a LoRA adapter beside a model that stays as it is. In: a checkpoint and sequences, text or
 * instructions. Out: an adapter as PEFT writes it, a report about its losses, and if asked for the
 * model with the adapter folded in. LoRA (arXiv 2106.09685), rsLoRA (2312.03732).
 */
@NullMarked
package io.lorashear.adapt;

import org.jspecify.annotations.NullMarked;
