/**
 * In: a checkpoint, or LoRA weights. Out: a directory that other programs load, and before it is
 * written, which of them will.
 *
 * <p>Follows no section of the paper; it is for whoever uses the result.
 */
@NullMarked
package io.lorashear.export;

import org.jspecify.annotations.NullMarked;
