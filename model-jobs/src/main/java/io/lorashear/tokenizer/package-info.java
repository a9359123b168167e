/**
 * In: a {@code tokenizer.json} as Hugging Face writes it, and text. Out: token ids, and text again.
 * Nothing is ever truncated, padded or marked; LoRAShear (arXiv 2310.18356) counts in these tokens.
 */
@NullMarked
package io.lorashear.tokenizer;

import org.jspecify.annotations.NullMarked;
