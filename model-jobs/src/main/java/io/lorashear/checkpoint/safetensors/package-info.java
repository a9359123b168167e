/**
 * Reads and writes safetensors. In: safetensors files, one or several with an index. Out: their
 * tensors, memory-mapped; and the reverse.
 *
 * <p>Serves the paper's dense and compressed models, which are stored in this format.
 */
@NullMarked
package io.lorashear.checkpoint.safetensors;

import org.jspecify.annotations.NullMarked;
