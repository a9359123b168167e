/**
 * What may replace the built-in tokenizing and scoring, and how a build declares that it has it;
 * and a session's settings for small inputs. In: rows of a stage. Out: the same rows with ids or
 * with a model's answers.
 */
@NullMarked
package io.lorashear.spark.engine;

import org.jspecify.annotations.NullMarked;
