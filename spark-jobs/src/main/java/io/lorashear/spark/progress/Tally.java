package io.lorashear.spark.progress;

import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.util.AccumulatorV2;

/**
 * What tasks have done so far, by name. Spark adds it up, shows it beside the tasks and writes it
 * into its event log. A task that runs twice may count twice: it is told to who waits, and
 * manifests count what was written.
 */
public final class Tally extends AccumulatorV2<String, Map<String, Long>> {
  private static final long serialVersionUID = 1;

  /** Documents, pages, passages: whatever a stage takes one by one. */
  static final String RECORDS = "records";

  /** What the total of a phase counts: bytes or characters. */
  static final String SIZE = "size";

  /** Before a reason for which something was dropped. */
  static final String DROPPED = "dropped ";

  private final TreeMap<String, Long> counts = new TreeMap<>();

  /** One more record is done, of {@code size} bytes or characters. */
  public void record(long size) {
    add(RECORDS, 1);
    size(size);
  }

  /** So many more bytes or characters are done. */
  public void size(long size) {
    add(SIZE, size);
  }

  /** So many records or tokens were dropped for {@code reason}. */
  public void dropped(String reason, long amount) {
    add(DROPPED + reason, amount);
  }

  @Override
  public void add(String name) {
    add(name, 1);
  }

  /** So much more of {@code name}. */
  synchronized void add(String name, long amount) {
    counts.merge(name, amount, Long::sum);
  }

  @Override
  public void merge(AccumulatorV2<String, Map<String, Long>> other) {
    other.value().forEach(this::add);
  }

  /** As it is now: a running task's is looked at from outside. */
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
