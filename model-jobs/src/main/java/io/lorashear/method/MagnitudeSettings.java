package io.lorashear.method;

import io.lorashear.settings.Default;

/**
 * What the magnitude of a group is computed from.
 *
 * @param readToo whether the columns that read a group count as well as the rows that write it
 */
public record MagnitudeSettings(@Default("true") boolean readToo) {}
