/**
 * What may take the place of the built-in tokenizing and scoring, and how a build says whether it
 * brings it; and how a session goes through little. In: rows of a stage. Out: the same rows with
 * ids or with a model's answers.
 */
@NullMarked
package io.lorashear.spark.engine;

import org.jspecify.annotations.NullMarked;
