/**
 * Writes models for other programs. In: a checkpoint, or LoRA weights. Out: a directory that other
 * programs load, and a list of the programs that can load it.
 *
 * <p>Follows no section of the paper; it serves users of the result.
 */
@NullMarked
package io.lorashear.export;

import org.jspecify.annotations.NullMarked;
