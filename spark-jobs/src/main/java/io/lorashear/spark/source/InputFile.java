package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Compression;
import io.lorashear.spark.source.wikitext.Namespaces;
import java.io.Serializable;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * One file of a source, as the driver found it.
 *
 * @param name relative to the folder all files of the source share: part of every document's id
 * @param path where it lies, for Hadoop's file systems
 * @param size bytes as it lies
 * @param charsetName of a text that is cut at a delimiter
 * @param namespaces of a MediaWiki dump
 */
record InputFile(
    String source,
    String name,
    String path,
    long size,
    Format format,
    Compression compression,
    String charsetName,
    Namespaces namespaces,
    ReadOptions options)
    implements Serializable {

  Charset charset() {
    return Charset.forName(charsetName);
  }

  /** Where it lies, as the user would write it. */
  String shownPath() {
    return path.replaceFirst("^file:/+", "/");
  }

  Place place(String position) {
    return new Place(source, name, position);
  }

  /** Whether several tasks may share it. */
  boolean splittable() {
    var utf8 = charset().equals(StandardCharsets.UTF_8);
    var counted = options.firstRecords() < Long.MAX_VALUE;
    return utf8
        && !counted
        && switch (compression) {
          case NONE -> format.splitsPlain();
          case BZIP2 -> format.splitsBzip2();
          default -> false;
        };
  }
}
