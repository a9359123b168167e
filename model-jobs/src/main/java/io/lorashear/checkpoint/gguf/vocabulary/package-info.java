/**
 * Converts tokenizers. In: the vocabulary in a GGUF header. Out: a tokenizer.json that gives the
 * same tokens; and the reverse.
 *
 * <p>Serves the corpora of the paper's recovery, which are counted in the model's own tokens.
 */
@NullMarked
package io.lorashear.checkpoint.gguf.vocabulary;

import org.jspecify.annotations.NullMarked;
