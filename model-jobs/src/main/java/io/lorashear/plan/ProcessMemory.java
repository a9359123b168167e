package io.lorashear.plan;

import java.util.OptionalLong;

/**
 * What else is in the memory that is asked for.
 *
 * @param files size of the files that weights are read from, where the memory of a whole process on
 *     a CPU is asked; none where that of a device is, which holds no files
 * @param spark whether it is Spark's process that has the model
 */
public record ProcessMemory(OptionalLong files, boolean spark) {}
