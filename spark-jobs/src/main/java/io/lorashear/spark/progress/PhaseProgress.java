package io.lorashear.spark.progress;

import io.lorashear.run.Progress;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** The progress of a phase that was reported so far. */
final class PhaseProgress {
  static final String TASKS = "tasks";

  /** Scale of the unit, chosen so that a total has at least two digits. */
  private enum Scale {
    MILLION("million ", 1_000_000),
    THOUSAND("thousand ", 1000),
    ONE("", 1);

    final String word;
    final long size;

    Scale(String word, long size) {
      this.word = word;
      this.size = size;
    }

    static Scale of(long total) {
      return total >= 10 * MILLION.size ? MILLION : total >= 10 * THOUSAND.size ? THOUSAND : ONE;
    }
  }

  private final String name;
  private final Progress.Work work;
  private final Scale scale;
  private final String counted;
  private final String unit;
  private final long startedNanos = System.nanoTime();
  private long shown;

  private PhaseProgress(String name, Progress.Work work, Scale scale, String counted, String unit) {
    this.name = name;
    this.work = work;
    this.scale = scale;
    this.counted = counted;
    this.unit = unit;
  }

  static PhaseProgress begin(Progress progress, String name, Properties phase) {
    long total = Long.parseLong(phase.getProperty(Phase.TOTAL));
    var scale = Scale.of(total);
    var unit = scale.word + phase.getProperty(Phase.UNIT);
    var work = progress.begin(name, total > 0 ? total / scale.size : -1, unit);
    return new PhaseProgress(name, work, scale, total > 0 ? Tally.SIZE : TASKS, unit);
  }

  String name() {
    return name;
  }

  Progress.Work work() {
    return work;
  }

  /**
   * Reports the current counts. The counts of a failed attempt are not subtracted from the
   * progress.
   */
  void tell(Map<String, Long> counts) {
    note(counts);
    var figures = new TreeMap<String, Double>();
    counts.forEach((name, amount) -> figures.put(name, (double) amount));
    work.measured(figures);
    long done = counts.getOrDefault(counted, 0L) / scale.size;
    if (done > shown) {
      work.step(done - shown);
      shown = done;
    }
  }

  private void note(Map<String, Long> counts) {
    var seconds = Math.max(1e-3, (System.nanoTime() - startedNanos) / 1e9);
    var parts = new ArrayList<String>();
    if (counts.containsKey(Tally.RECORDS)) {
      long records = counts.get(Tally.RECORDS);
      parts.add(figure("%,d records, %,.0f a second", records, records / seconds));
    }
    if (counted.equals(Tally.SIZE) && counts.containsKey(Tally.SIZE)) {
      var size = counts.get(Tally.SIZE) / (double) scale.size;
      parts.add(figure("%.2f %s a second", size / seconds, unit));
    }
    var dropped = dropped(counts);
    if (!dropped.isEmpty()) {
      parts.add("dropped: " + dropped);
    }
    if (!parts.isEmpty()) {
      work.note(String.join(", ", parts));
    }
  }

  private static String dropped(Map<String, Long> counts) {
    var reasons = new ArrayList<String>();
    counts.forEach(
        (name, amount) -> {
          if (name.startsWith(Tally.DROPPED)) {
            reasons.add(figure("%s %,d", name.substring(Tally.DROPPED.length()), amount));
          }
        });
    return String.join(", ", reasons);
  }

  private static String figure(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
