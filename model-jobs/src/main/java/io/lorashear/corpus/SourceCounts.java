package io.lorashear.corpus;

import java.util.SortedMap;
import java.util.TreeMap;

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
  public record SplitCounts(long sequences, long tokens, long lossTokens) {
    private SplitCounts plus(SplitCounts more) {
      return new SplitCounts(
          sequences + more.sequences, tokens + more.tokens, lossTokens + more.lossTokens);
    }
  }

  /** What there is with {@code more} of the same source, under the terms of that. */
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
