/**
 * Alternatives to the built-in tokenizing and scoring, how a build declares them, and session
 * settings for small inputs. In: rows of a stage. Out: the rows with ids or with a model's answers.
 */
@NullMarked
package io.lorashear.spark.engine;

import org.jspecify.annotations.NullMarked;
