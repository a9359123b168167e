package io.lorashear.spark.tokenize;

import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.util.AccumulatorV2;

/**
 * Counts by source and name. Filled in the stage that writes, where Spark adds the counts of every
 * task exactly once, however often the task was tried.
 */
final class TokenCounts extends AccumulatorV2<TokenCounts.Count, TreeMap<String, Long>> {

  private static final long serialVersionUID = 1;

  /** {@code amount} more of {@code name} in {@code source}. */
  record Count(String source, String name, long amount) {}

  private final TreeMap<String, Long> counts = new TreeMap<>();

  @Override
  public void add(Count count) {
    counts.merge(count.source() + "/" + count.name(), count.amount(), Long::sum);
  }

  /** Of one name in one source. */
  long of(String source, String name) {
    return counts.getOrDefault(source + "/" + name, 0L);
  }

  /** By reason: what one source lost. */
  SortedMap<String, Long> dropped(String source) {
    var prefix = source + "/" + ShardPacker.DROPPED;
    var dropped = new TreeMap<String, Long>();
    counts.tailMap(prefix).entrySet().stream()
        .takeWhile(entry -> entry.getKey().startsWith(prefix))
        .forEach(entry -> dropped.put(entry.getKey().substring(prefix.length()), entry.getValue()));
    return dropped;
  }

  @Override
  public boolean isZero() {
    return counts.isEmpty();
  }

  @Override
  public TokenCounts copy() {
    var copy = new TokenCounts();
    copy.counts.putAll(counts);
    return copy;
  }

  @Override
  public void reset() {
    counts.clear();
  }

  @Override
  public void merge(AccumulatorV2<Count, TreeMap<String, Long>> other) {
    other.value().forEach((name, amount) -> counts.merge(name, amount, Long::sum));
  }

  @Override
  public TreeMap<String, Long> value() {
    return counts;
  }
}
