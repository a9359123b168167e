/**
 * In: LoRA matrices by the name of the weight they belong to. Out: an adapter directory in PEFT's
 * format; and the reverse.
 *
 * <p>Serves the paper's section on recovery, whose LoRA weights can be published apart.
 */
@NullMarked
package io.lorashear.checkpoint.adapter;

import org.jspecify.annotations.NullMarked;
