package io.lorashear.spark.source;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One document of a corpus.
 *
 * @param source name of its source, as in the settings
 * @param id {@code source/file#position}: the same for any number of tasks and on any machine
 * @param kind prose, sentences or an instruction
 * @param text the text, paragraphs separated by blank lines; of an instruction, the prompt up to
 *     the point where the model answers
 * @param response the answer to an instruction, otherwise empty
 * @param file its file, relative to the folder that all files of the source share
 * @param position position in the file: byte offset, item number, page, or member of an archive;
 *     empty if the document is the file
 * @param warnings details by the code of their {@link Warning}
 */
public record Document(
    String source,
    String id,
    Kind kind,
    String text,
    String response,
    String file,
    String position,
    SortedMap<String, String> warnings)
    implements Reading {

  /** A document without warnings. */
  public Document(
      String source,
      String id,
      Kind kind,
      String text,
      String response,
      String file,
      String position) {
    this(source, id, kind, text, response, file, position, Collections.emptySortedMap());
  }

  /** A document whose id is made from its place. */
  static Document at(Place place, Kind kind, String text, String response) {
    return new Document(
        place.source(), place.id(), kind, text, response, place.file(), place.position());
  }

  /** The same document with a further warning. */
  Document warning(Warning warning, String detail) {
    var all = new TreeMap<>(warnings);
    all.put(warning.code(), detail);
    return new Document(source, id, kind, text, response, file, position, all);
  }
}
