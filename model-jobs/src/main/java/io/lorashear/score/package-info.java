/**
 * Running a model over tokens. In: a model, and rows of token ids or requests. Out: the loss of
 * every token, what the model expected instead, the likelihood of a continuation. It does not know
 * what the tokens ask, nor what a likelihood means for an answer.
 */
@NullMarked
package io.lorashear.score;

import org.jspecify.annotations.NullMarked;
