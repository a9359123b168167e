package io.lorashear.sampleworld;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something planted in a record, and what a careful reader makes of it.
 *
 * @param kind what was planted, for example {@code near-duplicate}
 * @param outcome whether the record survives
 * @param stage who decides: {@code read}, {@code clean}, {@code deduplicate}, {@code decontaminate}
 * @param reason in plain words
 * @param original the record this one repeats
 * @param jaccard how much of it, over sets of five words in a row
 * @param removed pieces of text that must not survive, even where the record does
 * @param expected a piece of text that must survive
 * @param question the multiple-choice item whose text was copied
 */
record Plant(
    String kind,
    Outcome outcome,
    String stage,
    String reason,
    @Nullable Item original,
    @Nullable Double jaccard,
    List<String> removed,
    @Nullable String expected,
    @Nullable String question) {

  /** What becomes of a planted record. */
  enum Outcome {
    KEPT,
    DROPPED,
    MERGED
  }

  static Plant kept(String kind, String stage, String reason) {
    return new Plant(kind, Outcome.KEPT, stage, reason, null, null, List.of(), null, null);
  }

  static Plant dropped(String kind, String stage, String reason) {
    return new Plant(kind, Outcome.DROPPED, stage, reason, null, null, List.of(), null, null);
  }

  static Plant merged(String kind, String reason, Item original, double jaccard) {
    return new Plant(
        kind, Outcome.MERGED, "deduplicate", reason, original, jaccard, List.of(), null, null);
  }

  Plant removing(List<String> pieces) {
    return new Plant(kind, outcome, stage, reason, original, jaccard, pieces, expected, question);
  }

  Plant expecting(String text) {
    return new Plant(kind, outcome, stage, reason, original, jaccard, removed, text, question);
  }

  Plant asking(String id) {
    return new Plant(kind, outcome, stage, reason, original, jaccard, removed, expected, id);
  }
}
