/**
 * In: a model's folder, and what was published on the way to it. Out: a model card, {@code
 * README.md} with Hugging Face's front matter, that says what is known.
 *
 * <p>Follows no section of the paper; it is for whoever gets the result.
 */
@NullMarked
package io.lorashear.card;

import org.jspecify.annotations.NullMarked;
