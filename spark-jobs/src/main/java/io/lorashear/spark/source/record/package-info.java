/**
 * In: the bytes of one file. Out: its records, one after another, in memory bounded by the longest
 * record allowed. No section of a paper: how published corpora are packed.
 */
@NullMarked
package io.lorashear.spark.source.record;

import org.jspecify.annotations.NullMarked;
