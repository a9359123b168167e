/**
 * In: a settings file and overrides. Out: a published folder and an exit code. One main class a
 * stage, for {@code spark-submit} and for the launcher alike; the work is in the other rooms.
 */
@NullMarked
package io.lorashear.spark.job;

import org.jspecify.annotations.NullMarked;
