/**
 * Runs the cells of a contest on Spark's executors, each of which has one model at a time. In:
 * cells. Out: their figures as files.
 */
@NullMarked
package io.lorashear.spark.contest;

import org.jspecify.annotations.NullMarked;
