/**
 * In: bytes of one quantised block. Out: its numbers; and back.
 *
 * <p>Follows ggml's block drawings; serves the dense models that are published in this form.
 */
@NullMarked
package io.lorashear.checkpoint.gguf.block;

import org.jspecify.annotations.NullMarked;
