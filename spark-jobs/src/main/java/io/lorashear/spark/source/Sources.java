package io.lorashear.spark.source;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the files of some sources into documents, and into a reason for every record without one.
 */
public final class Sources {
  /** More tasks than this only cost their bookkeeping. */
  private static final int MOST_TASKS = 10_000;

  private Sources() {}

  /**
   * Every record of {@code inputs}, once. What is read does not depend on {@code limits} beyond
   * what is too long.
   */
  public static List<Batch> batches(Inputs inputs, LimitSettings limits) {
    var slices = new ArrayList<Slice>();
    inputs.files().forEach(file -> slices.addAll(Slice.of(file, limits.splitBytes())));
    var count = Math.min(slices.size(), MOST_TASKS);
    var batches = new ArrayList<Batch>();
    for (var i = 0; i < count; i++) {
      var from = (int) ((long) slices.size() * i / count);
      var to = (int) ((long) slices.size() * (i + 1) / count);
      batches.add(new Batch(i, List.copyOf(slices.subList(from, to)), List.of()));
    }
    var known = new ArrayList<Reading>(inputs.problems());
    known.addAll(inputs.dropped());
    if (!known.isEmpty()) {
      batches.add(new Batch(count, List.of(), List.copyOf(known)));
    }
    return batches;
  }
}
