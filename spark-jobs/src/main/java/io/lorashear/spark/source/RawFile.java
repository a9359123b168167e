package io.lorashear.spark.source;

import java.io.Serializable;

/**
 * A file of a source by its content.
 *
 * @param name name relative to the common folder of the source's files
 * @param path its path for Hadoop's file systems
 * @param sha256 hash of its stored bytes
 */
public record RawFile(String source, String name, String path, String sha256)
    implements Serializable {
  private static final int SHORT = 16;

  RawFile with(String hash) {
    return new RawFile(source, name, path, hash);
  }

  /** A name that depends on the content: the documents of a changed file get new ids. */
  String nameByContent() {
    return sha256.substring(0, SHORT) + "/" + name;
  }
}
