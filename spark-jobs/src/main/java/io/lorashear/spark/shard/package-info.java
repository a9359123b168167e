/**
 * Writes deterministic Parquet files. In: rows. Out: files whose names, number and bytes depend on
 * the rows alone, whatever the partitions and cores. It follows no section of a paper; it makes
 * runs repeatable.
 */
@NullMarked
package io.lorashear.spark.shard;

import org.jspecify.annotations.NullMarked;
