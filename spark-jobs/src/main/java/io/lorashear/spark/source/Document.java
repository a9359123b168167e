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
 * @param text the text, paragraphs apart by a blank line; of an instruction, the prompt up to the
 *     point where the model answers
 * @param response the answer to an instruction, otherwise empty
 * @param file where it was read, relative to the folder all files of the source share
 * @param position where in the file: byte offset, item number, page, or member of an archive; empty
 *     when the document is the file
 * @param warnings what should be known of it, by the code of a {@link Warning}: what was found
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

  /** Of which nothing more need be known. */
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

  /** A document with its id made of where it was found. */
  static Document at(Place place, Kind kind, String text, String response) {
    return new Document(
        place.source(), place.id(), kind, text, response, place.file(), place.position());
  }

  /** The same document, of which this should be known. */
  Document warning(Warning warning, String detail) {
    var all = new TreeMap<>(warnings);
    all.put(warning.code(), detail);
    return new Document(source, id, kind, text, response, file, position, all);
  }
}
