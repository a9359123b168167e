/**
 * Maps GGUF architectures to transformers. In: a GGUF header. Out: names, row order and config.json
 * of the same model in transformers.
 *
 * <p>One class per architecture, which reverses llama.cpp's converter.
 */
@NullMarked
package io.lorashear.checkpoint.gguf.architecture;

import org.jspecify.annotations.NullMarked;
