/**
 * The commands that use Spark. In: a settings file and overrides. Out: a published folder and an
 * exit code. One main class per stage, for {@code spark-submit} and for the launcher; other
 * packages do the work.
 */
@NullMarked
package io.lorashear.spark.job;

import org.jspecify.annotations.NullMarked;
