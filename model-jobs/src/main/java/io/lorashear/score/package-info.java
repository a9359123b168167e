/**
 * Running a model over tokens. In: a model, and rows of token ids or requests. Out: the loss of
 * every token, the model's predictions, the likelihood of a continuation. It does not know what
 * question the tokens ask, or what a likelihood means for an answer.
 */
@NullMarked
package io.lorashear.score;

import org.jspecify.annotations.NullMarked;
