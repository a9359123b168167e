package io.lorashear.spark.source;

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
 */
public record Document(
    String source, String id, Kind kind, String text, String response, String file, String position)
    implements Reading {

  /** A document with its id made of where it was found. */
  static Document at(Place place, Kind kind, String text, String response) {
    return new Document(
        place.source(), place.id(), kind, text, response, place.file(), place.position());
  }
}
