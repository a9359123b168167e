package io.lorashear.spark.shard;

import java.io.Serializable;

/**
 * One finished file.
 *
 * @param name name relative to its folder
 * @param rows 0 if every row was left out; then there is no file
 * @param note note of its writer; may be empty
 */
public record WrittenShard(String name, long rows, String note) implements Serializable {}
