/**
 * Removes tokens from a model. In: a dense checkpoint, its tokenizer and a corpus. Out: the same
 * model without the rows of its rarest tokens, and the map by which texts in the earlier ids are
 * read. LoRAShear (arXiv 2310.18356) prunes the model's body alone.
 */
@NullMarked
package io.lorashear.vocabulary;

import org.jspecify.annotations.NullMarked;
