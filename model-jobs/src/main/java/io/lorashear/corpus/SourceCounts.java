package io.lorashear.corpus;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts of one source.
 *
 * @param licence terms, which every result made from the text repeats
 * @param documents documents (passages of long ones) that were read
 * @param tokens their tokens, separators included
 * @param splits published rows, by split
 * @param dropped tokens that were read but not published, by reason
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
  public record SplitCounts(long sequences, long tokens, long lossTokens) {
    private SplitCounts plus(SplitCounts more) {
      return new SplitCounts(
          sequences + more.sequences, tokens + more.tokens, lossTokens + more.lossTokens);
    }
  }

  /** The sum with {@code more} of the same source, under the terms of {@code more}. */
  public SourceCounts plus(SourceCounts more) {
    var allSplits = new TreeMap<>(splits);
    more.splits.forEach((split, counts) -> allSplits.merge(split, counts, SplitCounts::plus));
    var allDropped = new TreeMap<>(dropped);
    more.dropped.forEach((reason, lost) -> allDropped.merge(reason, lost, Long::sum));
    return new SourceCounts(
        name,
        more.licence,
        documents + more.documents,
        tokens + more.tokens,
        allSplits,
        allDropped);
  }

  /** Text for people, one line: kept rows, dropped tokens, licence. */
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
