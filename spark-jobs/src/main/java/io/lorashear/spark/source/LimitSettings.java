package io.lorashear.spark.source;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.spark.source.record.Compression;

/**
 * Limits that bound memory, whatever the input.
 *
 * @param recordBytes JSON lines, pages, archive members and books longer than this are dropped as
 *     {@code too-long}
 * @param splitBytes plain and bzip2 files longer than this are split among several tasks
 * @param windowBytes memory outside the heap that a task may use to unpack; zstd files with a
 *     longer window are refused
 */
public record LimitSettings(
    @Default("33554432") int recordBytes,
    @Default("67108864") long splitBytes,
    @Default("134217728") long windowBytes) {

  /** The default limits. */
  public static final LimitSettings USUAL = new LimitSettings(32 << 20, 64L << 20);

  /** Limits with the default window. */
  public LimitSettings(int recordBytes, long splitBytes) {
    this(recordBytes, splitBytes, Compression.USUAL_WINDOW);
  }

  void check(Problems problems) {
    problems.require(
        recordBytes >= 1024 && recordBytes <= 1 << 30,
        "recordBytes",
        "is %d: give 1024 to 1073741824",
        recordBytes);
    problems.require(
        splitBytes >= 1024, "splitBytes", "is %d: at least 1024 is needed", splitBytes);
    problems.require(
        windowBytes >= 1 << 20 && windowBytes <= 1L << 31,
        "windowBytes",
        "is %d: give 1048576 to 2147483648",
        windowBytes);
  }
}
