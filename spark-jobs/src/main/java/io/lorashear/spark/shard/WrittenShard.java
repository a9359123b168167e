package io.lorashear.spark.shard;

import java.io.Serializable;

/**
 * One finished file.
 *
 * @param name relative to its folder
 * @param rows none where every row of it was left out; there is no file then
 * @param note what its writer wants to know of it later; may be empty
 */
public record WrittenShard(String name, long rows, String note) implements Serializable {}
