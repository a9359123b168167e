package io.lorashear.spark.source;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * Reads the files of some sources into documents, and into a reason for every record without one.
 */
public final class Sources {
  /** Maximum number of tasks; more would only add overhead. */
  private static final int MOST_TASKS = 10_000;

  /**
   * Minimum bytes of a task, if there are enough: starting a task costs as much as opening many
   * files.
   */
  private static final long TASK_BYTES = 4 << 20;

  /**
   * Maximum number of files of a task: opening a file of a store takes so long that a task with
   * more would run for minutes.
   */
  private static final int TASK_FILES = 1000;

  private Sources() {}

  /**
   * Batches that cover every record of {@code inputs} once: small files together, large ones in
   * slices. {@code limits} changes only which records are too long.
   */
  public static List<Batch> batches(
      Configuration configuration, Inputs inputs, LimitSettings limits) {
    var slices = new ArrayList<Slice>();
    for (var file : inputs.files()) {
      slices.addAll(Slice.of(file, limits.splitBytes(), configuration));
    }
    var together = together(slices, Math.min(TASK_BYTES, limits.splitBytes()), TASK_FILES);
    var count = Math.min(together.size(), MOST_TASKS);
    var batches = new ArrayList<Batch>();
    for (var i = 0; i < count; i++) {
      var from = (int) ((long) together.size() * i / count);
      var to = (int) ((long) together.size() * (i + 1) / count);
      var all = together.subList(from, to).stream().flatMap(List::stream).toList();
      batches.add(new Batch(i, all, List.of()));
    }
    var known = new ArrayList<Reading>(inputs.problems());
    known.addAll(inputs.dropped());
    if (!known.isEmpty()) {
      batches.add(new Batch(count, List.of(), List.copyOf(known)));
    }
    return batches;
  }

  /** Groups adjacent slices, in order, up to {@code bytes} or {@code most} slices each. */
  static List<List<Slice>> together(List<Slice> slices, long bytes, int most) {
    var together = new ArrayList<List<Slice>>();
    var open = new ArrayList<Slice>();
    var sum = 0L;
    for (var slice : slices) {
      var size = slice.end() - slice.start();
      if (!open.isEmpty() && (sum + size > bytes || open.size() == most)) {
        together.add(List.copyOf(open));
        open.clear();
        sum = 0;
      }
      open.add(slice);
      sum += size;
    }
    if (!open.isEmpty()) {
      together.add(List.copyOf(open));
    }
    return together;
  }
}
