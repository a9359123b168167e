package io.lorashear.spark.source;

import io.lorashear.metrics.MetricsFile;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Files next to a corpus that are not documents: files of data sets, of version control, of
 * programs that download and write, and metrics of a stage that published nearby. A file that is
 * given by its own path is always read.
 */
final class Leavings {
  private static final Pattern NOTE =
      Pattern.compile(
          "(?!.*\\.(jsonl?|ndjson|parquet|csv|tsv|xml|tar|gz|bz2|xz|zst|lz4)$)"
              + "(readme|licen[cs]e|copying|notice|authors|contributing|changelog|citation|code_of_conduct)"
              + "([._-].*)?|data_license.*");
  private static final Pattern CHECKSUMS =
      Pattern.compile(
          ".*\\.(md5|sha1|sha256|sha512|crc|sig|asc)|(.*[._-])?(md5|sha1|sha256|sha512|check)sums?(\\.txt)?");
  private static final Pattern UNFINISHED =
      Pattern.compile(".*\\.(lock|incomplete|part|crdownload|aria2|tmp)");
  private static final Pattern INDEX = Pattern.compile(".*-multistream-index\\d*\\.txt.*");
  private static final List<String> OF_DATA_SETS =
      List.of(
          "dataset_info.json",
          "dataset_infos.json",
          "dataset_dict.json",
          "state.json",
          "croissant.json",
          "dumpstatus.json",
          "thumbs.db",
          "desktop.ini");

  private Leavings() {}

  /** Whether a folder of this name contains no documents. */
  static boolean hasFolder(String name) {
    return name.startsWith(".") || name.startsWith("_");
  }

  /** Whether a file of this name, found inside a folder, is not a document. */
  static boolean has(String name) {
    var lower = name.toLowerCase(Locale.ROOT);
    return hasFolder(name)
        || OF_DATA_SETS.contains(lower)
        || NOTE.matcher(lower).matches()
        || CHECKSUMS.matcher(lower).matches()
        || UNFINISHED.matcher(lower).matches()
        || INDEX.matcher(lower).matches()
        || lower.equals(MetricsFile.OF_RUN)
        || lower.endsWith(MetricsFile.SUFFIX);
  }
}
