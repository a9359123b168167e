package io.lorashear.spark.source;

import io.lorashear.spark.source.record.Compression;
import io.lorashear.spark.source.record.Layout;
import io.lorashear.spark.source.text.TextEncoding;
import io.lorashear.spark.source.wikitext.Namespaces;
import java.io.InputStream;
import java.io.Serializable;

/**
 * One file of a source, as the driver found it.
 *
 * @param name relative to the folder all files of the source share: part of every document's id
 * @param path where it lies, for Hadoop's file systems
 * @param size bytes as it lies
 * @param layout how its records lie in it
 * @param encoding of its characters
 * @param namespaces of a MediaWiki dump
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

  /** Whether it is a Parquet file, whose rows say what the format's records say. */
  boolean parquet() {
    return layout instanceof Layout.Rows;
  }

  /** Where it lies, as the user would write it. */
  String shownPath() {
    return path.replaceFirst("^file:/+", "/");
  }

  /** The same file, once it is known what it is. */
  InputFile as(Format told, Layout lies, TextEncoding written, Namespaces dump) {
    return new InputFile(source, name, path, size, told, compression, lies, written, dump, options);
  }

  /** A file that lies in it, as if it were one for itself. */
  InputFile member(Content.PhaseProgress told, TextEncoding written) {
    var form =
        switch (told.content()) {
          case JSON_LINES, JSON_VALUES -> Format.JSON_LINES;
          case MEDIAWIKI -> Format.MEDIAWIKI;
          case WIKIEXTRACTOR -> Format.WIKIEXTRACTOR;
          case TAR, HTML, XML, CSV, PYTHON, TEXT -> Format.TEXT;
        };
    return as(form, told.layout(), written, namespaces);
  }

  /** Its unpacked bytes as UTF-8 with line feeds; a book's as they are, for it may declare more. */
  InputStream plain(InputStream unpacked) {
    var asTheyAre = format == Format.TAR || format == Format.GUTENBERG;
    return asTheyAre ? unpacked : encoding.plain(unpacked);
  }

  Place place(String position) {
    return new Place(source, name, position);
  }

  /** A row's text has no JSON around it; a row of anything else is a JSON object. */
  Parser parser() {
    if (layout instanceof Layout.Rows rows && format != Format.INSTRUCTIONS) {
      return !rows.text()
          ? new JsonText()
          : format == Format.JSON_LINES ? new PlainText() : format.parser();
    }
    return format.parser();
  }

  /** Whether several tasks may share it. */
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
