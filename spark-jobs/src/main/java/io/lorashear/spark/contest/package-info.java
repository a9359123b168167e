/**
 * In: cells of a contest. Out: the same, done by Spark's executors, each of which has one model at
 * a time; figures come back as files.
 */
@NullMarked
package io.lorashear.spark.contest;

import org.jspecify.annotations.NullMarked;
