/**
 * Divides files into records. In: the bytes of one file. Out: its records, one after another;
 * memory is bounded by the longest allowed record. No section of a paper; it follows the packaging
 * of published corpora.
 */
@NullMarked
package io.lorashear.spark.source.record;

import org.jspecify.annotations.NullMarked;
