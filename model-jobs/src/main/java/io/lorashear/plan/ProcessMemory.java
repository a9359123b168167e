package io.lorashear.plan;

import java.util.OptionalLong;

/**
 * What else is in the memory that is planned.
 *
 * @param files bytes of the files that weights are read from, if the memory of a whole process on a
 *     CPU is planned; empty if that of a device is, which holds no files
 * @param spark whether the model is in a Spark process
 */
public record ProcessMemory(OptionalLong files, boolean spark) {}
