package io.lorashear.spark.source;

/**
 * A file that cannot be read to its end: truncated, damaged, or in a different format than its name
 * says.
 *
 * @param path its path as the user would write it
 * @param problem the fault and the remedy, without the path: the same on every machine
 */
public record Unreadable(String source, String file, String path, String problem)
    implements Reading {

  /** The message: file, fault and remedy. */
  public String message() {
    return "%s %s, or set badFiles: skip to leave it out".formatted(path, problem);
  }
}
