package io.lorashear.spark.progress;

import io.lorashear.run.Progress;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/** What was said of a phase so far. */
final class Told {
  static final String TASKS = "tasks";
  private static final double MILLION = 1e6;

  private final String name;
  private final Progress.Work work;
  private final boolean sized;
  private final String unit;
  private final long startedNanos = System.nanoTime();
  private long shown;

  private Told(String name, Progress.Work work, boolean sized, String unit) {
    this.name = name;
    this.work = work;
    this.sized = sized;
    this.unit = unit;
  }

  static Told begin(Progress progress, String name, Properties phase) {
    var total = Long.parseLong(phase.getProperty(Phase.TOTAL));
    var unit = phase.getProperty(Phase.UNIT);
    var work =
        total > 0
            ? progress.begin(name, millions(total), "million " + unit)
            : progress.begin(name, -1, TASKS);
    return new Told(name, work, total > 0, unit);
  }

  String name() {
    return name;
  }

  Progress.Work work() {
    return work;
  }

  /** So much is done by now; what an attempt had done that failed is taken back by no bar. */
  void tell(Map<String, Long> counts) {
    note(counts);
    var size =
        sized ? millions(counts.getOrDefault(Tally.SIZE, 0L)) : counts.getOrDefault(TASKS, 0L);
    if (size > shown) {
      work.step(size - shown);
      shown = size;
    }
  }

  private void note(Map<String, Long> counts) {
    var seconds = Math.max(1e-3, (System.nanoTime() - startedNanos) / 1e9);
    var parts = new ArrayList<String>();
    if (counts.containsKey(Tally.RECORDS)) {
      long records = counts.get(Tally.RECORDS);
      parts.add(figure("%,d records, %,.0f a second", records, records / seconds));
    }
    if (counts.containsKey(Tally.SIZE)) {
      parts.add(
          figure("%.2f million %s a second", counts.get(Tally.SIZE) / MILLION / seconds, unit));
    }
    var dropped = new ArrayList<String>();
    counts.forEach(
        (name, amount) -> {
          if (name.startsWith(Tally.DROPPED)) {
            dropped.add(figure("%s %,d", name.substring(Tally.DROPPED.length()), amount));
          }
        });
    if (!dropped.isEmpty()) {
      parts.add("dropped: " + String.join(", ", dropped));
    }
    if (!parts.isEmpty()) {
      work.note(String.join(", ", parts));
    }
  }

  private static String figure(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Rounded up, so that a small phase has a size too. */
  private static long millions(long size) {
    return (long) Math.ceil(size / MILLION);
  }
}
