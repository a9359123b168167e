package io.lorashear.spark.source;

/**
 * A file that cannot be read to its end: truncated, damaged, not what its name says.
 *
 * @param message complete: what is wrong with which file, and what to do
 */
public record Unreadable(String source, String file, String message) implements Reading {}
