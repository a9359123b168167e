/**
 * In: a GGUF head. Out: what transformers calls the same model: names, order of rows, config.json.
 *
 * <p>One class an architecture, undoing what llama.cpp's converter does to it.
 */
@NullMarked
package io.lorashear.checkpoint.gguf.architecture;

import org.jspecify.annotations.NullMarked;
