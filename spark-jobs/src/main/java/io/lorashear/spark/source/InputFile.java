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
 * @param parquet whether it is a Parquet file, whose rows say what the format's records say
 * @param namespaces of a MediaWiki dump
 */
record InputFile(
    String source,
    String name,
    String path,
    long size,
    Format format,
    Compression compression,
    boolean parquet,
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

  /** A row's text has no JSON around it. */
  Parser parser() {
    return parquet && format == Format.JSON_LINES ? new PlainText() : format.parser();
  }

  /** Whether several tasks may share it. */
  boolean splittable() {
    var utf8 = charset().equals(StandardCharsets.UTF_8);
    var counted = options.firstRecords() < Long.MAX_VALUE;
    if (parquet) {
      return !counted && format != Format.SENTENCES;
    }
    return utf8
        && !counted
        && switch (compression) {
          case NONE -> format.splitsPlain();
          case BZIP2 -> format.splitsBzip2();
          default -> false;
        };
  }
}
