/**
 * Progress of stages on Spark. In: counts of tasks while they work. Out: the same counts in Spark's
 * events, and for the user the progress of a stage, its speed, and what it drops. No section of the
 * paper.
 */
@NullMarked
package io.lorashear.spark.progress;

import org.jspecify.annotations.NullMarked;
