package io.lorashear.spark.source;

/**
 * A file that cannot be read to its end: truncated, damaged, not what its name says.
 *
 * @param path where it lies, as the user would write it
 * @param problem what is wrong and what to do, without the path: the same on every machine
 */
public record Unreadable(String source, String file, String path, String problem)
    implements Reading {

  /** What is wrong with which file, and what to do. */
  public String message() {
    return "%s %s, or set badFiles: skip to leave it out".formatted(path, problem);
  }
}
