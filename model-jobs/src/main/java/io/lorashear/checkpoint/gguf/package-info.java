/**
 * Reads and writes GGUF files. In: a GGUF file. Out: its tensors under Hugging Face's names, row
 * order and number types, with config.json and tokenizer.json; and the reverse.
 *
 * <p>Serves dense models that are published in this format, and smaller models that are used in it.
 */
@NullMarked
package io.lorashear.checkpoint.gguf;

import org.jspecify.annotations.NullMarked;
