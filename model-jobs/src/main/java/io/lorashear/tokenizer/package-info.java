/**
 * Encodes and decodes text. In: a {@code tokenizer.json} of Hugging Face, and text. Out: token ids,
 * and text again; and a smaller vocabulary with its files. Nothing is truncated or padded, and no
 * special tokens are added; LoRAShear (arXiv 2310.18356) counts in these tokens.
 */
@NullMarked
package io.lorashear.tokenizer;

import org.jspecify.annotations.NullMarked;
