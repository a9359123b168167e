/**
 * Divides files into records. In: the bytes of one file. Out: its records, one after another;
 * memory is bounded by the longest allowed record. It follows no section of a paper but the
 * packaging of published corpora.
 */
@NullMarked
package io.lorashear.spark.source.record;

import org.jspecify.annotations.NullMarked;
