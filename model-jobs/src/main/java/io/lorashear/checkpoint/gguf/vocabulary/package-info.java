/**
 * Converts tokenizers. In: the vocabulary in a GGUF head. Out: a tokenizer.json that tokenizes text
 * equally.
 *
 * <p>Serves the corpora of the paper's recovery, which are counted in the model's own tokens.
 */
@NullMarked
package io.lorashear.checkpoint.gguf.vocabulary;

import org.jspecify.annotations.NullMarked;
