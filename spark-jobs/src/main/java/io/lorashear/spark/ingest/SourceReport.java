package io.lorashear.spark.ingest;

import java.util.SortedMap;

/**
 * What became of one source. Every record is either in {@code documents} or under one reason of
 * {@code dropped}.
 *
 * @param name as in the settings
 * @param licence terms of its text
 * @param files that were read
 * @param documents published
 * @param paragraphs of them
 * @param characters of them, responses included
 * @param dropped records that gave no document, by reason
 * @param removed paragraphs taken out of documents, or lines out of paragraphs, by reason
 * @param warnings documents published of which something should be known, by what it is
 */
public record SourceReport(
    String name,
    String licence,
    long files,
    long documents,
    long paragraphs,
    long characters,
    SortedMap<String, Long> dropped,
    SortedMap<String, Long> removed,
    SortedMap<String, Long> warnings) {

  /** Records read. */
  public long records() {
    return documents + dropped.values().stream().mapToLong(Long::longValue).sum();
  }
}
