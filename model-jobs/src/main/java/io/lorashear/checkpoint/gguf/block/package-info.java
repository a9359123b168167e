/**
 * Decodes and encodes quantised blocks. In: bytes of one block. Out: its numbers; and the reverse.
 *
 * <p>Follows ggml's block layouts; serves the dense models that are published in this format.
 */
@NullMarked
package io.lorashear.checkpoint.gguf.block;

import org.jspecify.annotations.NullMarked;
