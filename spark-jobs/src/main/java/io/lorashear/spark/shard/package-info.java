/**
 * In: rows. Out: Parquet files whose names, number and bytes follow from the rows alone, whatever
 * the partitions and cores. No section of a paper: what makes a run repeatable.
 */
@NullMarked
package io.lorashear.spark.shard;

import org.jspecify.annotations.NullMarked;
