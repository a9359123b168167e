/**
 * In: the vocabulary in a GGUF head. Out: the tokenizer.json that cuts text alike.
 *
 * <p>Serves the corpora of the paper's recovery, which are counted in the model's own tokens.
 */
@NullMarked
package io.lorashear.checkpoint.gguf.vocabulary;

import org.jspecify.annotations.NullMarked;
