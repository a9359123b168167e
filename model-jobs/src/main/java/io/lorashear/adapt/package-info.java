/**
 * Trains a LoRA adapter for a model that stays as it is. In: a checkpoint and sequences, text or
 * instructions. Out: an adapter as PEFT writes it, a report of its losses, and on request the model
 * with the adapter merged in. LoRA (arXiv 2106.09685), rsLoRA (2312.03732).
 */
@NullMarked
package io.lorashear.adapt;

import org.jspecify.annotations.NullMarked;
