/**
 * In: what tasks count while they work. Out: the same counts in Spark's events, and for a waiting
 * user, how far a stage is, how fast, and what it drops. No section of a paper.
 */
@NullMarked
package io.lorashear.spark.progress;

import org.jspecify.annotations.NullMarked;
