package io.lorashear.spark.ingest;

import java.util.SortedMap;

/**
 * Counts of one source. Every record is either in {@code documents} or under one reason of {@code
 * dropped}.
 *
 * @param name name in the settings
 * @param licence terms of its text
 * @param files files that were read
 * @param documents number of published documents
 * @param paragraphs number of their paragraphs
 * @param characters number of their characters, responses included
 * @param dropped records that gave no document, by reason
 * @param removed paragraphs taken out of documents, or lines out of paragraphs, by reason
 * @param warnings published documents with a warning, by warning
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

  /** Number of records that were read. */
  public long records() {
    return documents + dropped.values().stream().mapToLong(Long::longValue).sum();
  }
}
