/**
 * In: a GGUF file. Out: its tensors under Hugging Face's names, row order and number types, the
 * config.json and the tokenizer.json that belong to them. The other way: metadata and tensors to a
 * file.
 *
 * <p>Serves the paper's dense models where they are published in this form, and smaller ones where
 * they are used.
 */
@NullMarked
package io.lorashear.checkpoint.gguf;

import org.jspecify.annotations.NullMarked;
