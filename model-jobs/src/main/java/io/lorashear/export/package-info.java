/**
 * In: a checkpoint, or LoRA weights. Out: a directory that other programs load, and a word before
 * it is written on which of them will.
 *
 * <p>Serves no section of the paper, but whoever wants to use its result.
 */
@NullMarked
package io.lorashear.export;

import org.jspecify.annotations.NullMarked;
