package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Compression;
import io.lorashear.spark.source.record.Layout;
import io.lorashear.spark.source.text.TextEncoding;
import io.lorashear.spark.source.wikitext.Namespaces;
import java.io.InputStream;
import java.io.Serializable;

/**
 * One file of a source, as found on the driver.
 *
 * @param name name relative to the folder that all files of the source share; part of every
 *     document's id
 * @param path its path for Hadoop's file systems
 * @param size stored size in bytes
 * @param layout layout of its records
 * @param encoding character encoding
 * @param namespaces namespaces of a MediaWiki dump
 */
record InputFile(
    String source,
    String name,
    String path,
    long size,
    Format format,
    Compression compression,
    Layout layout,
    TextEncoding encoding,
    Namespaces namespaces,
    ReadOptions options)
    implements Serializable {

  /** Whether it is a Parquet file, whose rows are the format's records. */
  boolean parquet() {
    return layout instanceof Layout.Rows;
  }

  /** Its path as the user would write it. */
  String shownPath() {
    return path.replaceFirst("^file:/+", "/");
  }

  /** The same file with its detected form. */
  InputFile as(Format told, Layout lies, TextEncoding written, Namespaces dump) {
    return new InputFile(source, name, path, size, told, compression, lies, written, dump, options);
  }

  /** A member of this file, as a separate file. */
  InputFile member(Content.Detected told, TextEncoding written) {
    var form =
        switch (told.content()) {
          case JSON_LINES, JSON_VALUES -> Format.JSON_LINES;
          case MEDIAWIKI -> Format.MEDIAWIKI;
          case WIKIEXTRACTOR -> Format.WIKIEXTRACTOR;
          case TAR, HTML, XML, CSV, PYTHON, TEXT -> Format.TEXT;
        };
    return as(form, told.layout(), written, namespaces);
  }

  /**
   * Its unpacked bytes as UTF-8 with line feeds; a book's bytes are unchanged, because the book may
   * declare its encoding.
   */
  InputStream plain(InputStream unpacked) {
    var asTheyAre = format == Format.TAR || format == Format.GUTENBERG;
    return asTheyAre ? unpacked : encoding.plain(unpacked);
  }

  Place place(String position) {
    return new Place(source, name, position);
  }

  /**
   * The parser of its records; the text of a Parquet row has no JSON around it, other rows are JSON
   * objects.
   */
  Parser parser() {
    if (layout instanceof Layout.Rows rows && format != Format.INSTRUCTIONS) {
      return !rows.text()
          ? new JsonText()
          : format == Format.JSON_LINES ? new PlainText() : format.parser();
    }
    return format.parser();
  }

  /** Whether several tasks may read it. */
  boolean splittable() {
    var counted = options.firstRecords() < Long.MAX_VALUE;
    if (parquet()) {
      return !counted && format != Format.SENTENCES;
    }
    return encoding.plain()
        && layout.equals(Layout.USUAL)
        && !counted
        && switch (compression) {
          case NONE -> format.splitsPlain();
          case BZIP2 -> format.splitsBzip2();
          default -> false;
        };
  }
}
