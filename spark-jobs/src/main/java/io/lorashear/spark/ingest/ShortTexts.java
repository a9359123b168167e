package io.lorashear.spark.ingest;

import java.util.Optional;

/** Warns of sources whose texts are too short for the rule about short paragraphs. */
final class ShortTexts {
  private ShortTexts() {}

  /**
   * The warning about a source that loses more than half of its records to that rule.
   *
   * @param emptied documents that were dropped because all their paragraphs, or the last ones, were
   *     short
   * @param paragraphTokens value of the cleaning settings
   */
  static Optional<String> note(SourceReport source, long emptied, int paragraphTokens) {
    return 2 * emptied > source.records()
        ? Optional.of(
            "warning: source %s loses %,d of its %,d records, as no paragraph of theirs has more than"
                    .formatted(source.name(), emptied, source.records())
                + " %d tokens (cleaning.paragraphTokens): for short texts set it to 0"
                    .formatted(paragraphTokens))
        : Optional.empty();
  }
}
