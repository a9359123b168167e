/**
 * In: a model's folder, and what was published on the way to it. Out: a model card, {@code
 * README.md} with Hugging Face's front matter, that says what is known and nothing else.
 *
 * <p>Serves no section of the paper, but whoever is handed its result.
 */
@NullMarked
package io.lorashear.card;

import org.jspecify.annotations.NullMarked;
