package io.lorashear.spark.progress;

import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.util.AccumulatorV2;

/**
 * Counts of the work that tasks have done so far, by name. Spark adds them up, shows them next to
 * the tasks and writes them into its event log. A task that runs twice may count twice: the counts
 * are only for progress reports, and manifests count the written results.
 */
public final class Tally extends AccumulatorV2<String, Map<String, Long>> {
  private static final long serialVersionUID = 1;

  /**
   * Name of the count of records: documents, pages or passages, whatever a stage processes one by
   * one.
   */
  static final String RECORDS = "records";

  /** Name of the count that the total of a phase refers to: bytes or characters. */
  static final String SIZE = "size";

  /** Prefix of counts of dropped records or tokens; the reason follows. */
  static final String DROPPED = "dropped ";

  private final TreeMap<String, Long> counts = new TreeMap<>();

  /** Counts one more record of {@code size} bytes or characters. */
  public void record(long size) {
    add(RECORDS, 1);
    size(size);
  }

  /** Counts {@code size} more bytes or characters. */
  public void size(long size) {
    add(SIZE, size);
  }

  /** Counts {@code amount} more records or tokens that were dropped for {@code reason}. */
  public void dropped(String reason, long amount) {
    add(DROPPED + reason, amount);
  }

  @Override
  public void add(String name) {
    add(name, 1);
  }

  /** Adds {@code amount} to {@code name}. */
  synchronized void add(String name, long amount) {
    counts.merge(name, amount, Long::sum);
  }

  @Override
  public void merge(AccumulatorV2<String, Map<String, Long>> other) {
    other.value().forEach(this::add);
  }

  /** A copy of the current counts, because those of a running task are read by another thread. */
  @Override
  public synchronized Map<String, Long> value() {
    return new TreeMap<>(counts);
  }

  @Override
  public synchronized boolean isZero() {
    return counts.isEmpty();
  }

  @Override
  public Tally copy() {
    var copy = new Tally();
    copy.merge(this);
    return copy;
  }

  @Override
  public synchronized void reset() {
    counts.clear();
  }
}
