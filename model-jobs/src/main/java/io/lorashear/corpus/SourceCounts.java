package io.lorashear.corpus;

import java.util.SortedMap;

/**
 * What became of one source.
 *
 * @param licence note that goes wherever the text goes
 * @param documents documents (passages of long ones) that were read
 * @param tokens tokens of them, separators included
 * @param splits by split: what was published
 * @param dropped by reason: how many tokens were read but not published
 */
public record SourceCounts(
    String name,
    String licence,
    long documents,
    long tokens,
    SortedMap<String, SplitCounts> splits,
    SortedMap<String, Long> dropped) {

  /**
   * @param sequences rows
   * @param tokens tokens of text
   * @param lossTokens tokens to predict, those of the loss mask
   */
  public record SplitCounts(long sequences, long tokens, long lossTokens) {}

  /** One line, for people: what was kept, what was dropped, under which licence. */
  String summary() {
    var line = new StringBuilder("%-16s %,9d documents".formatted(name, documents));
    splits.forEach(
        (split, kept) ->
            line.append(
                ", %s %,d rows of %,d tokens".formatted(split, kept.sequences(), kept.tokens())));
    dropped.forEach((reason, lost) -> line.append(", %s -%,d tokens".formatted(reason, lost)));
    return line.append("; licence: ").append(licence).toString();
  }
}
