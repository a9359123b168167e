/**
 * Reads and writes adapters. In: LoRA matrices by the names of their weights. Out: an adapter
 * directory in PEFT's format; and the reverse.
 *
 * <p>Serves the paper's section on recovery, whose LoRA weights can be published separately.
 */
@NullMarked
package io.lorashear.checkpoint.adapter;

import org.jspecify.annotations.NullMarked;
