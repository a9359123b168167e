/**
 * Writes model cards. In: a model's folder, and the folders published on the way to it. Out: {@code
 * README.md} with Hugging Face's front matter, which states the known facts.
 *
 * <p>Follows no section of the paper.
 */
@NullMarked
package io.lorashear.card;

import org.jspecify.annotations.NullMarked;
