package io.lorashear.spark.source;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Text tables: values separated by commas, semicolons or tabs. */
final class Table {
  private static final Pattern NAME = Pattern.compile(".*\\.(csv|tsv)(\\.[a-z0-9]{2,4})?");
  private static final Pattern COLUMN = Pattern.compile("[\\w .:/#()-]{0,60}");
  private static final List<String> SEPARATORS = List.of("\t", ",", ";");

  /** Minimum number of lines; fewer may have the same number of values by chance. */
  private static final int FEWEST = 8;

  private Table() {}

  /**
   * Whether the name has a table's ending, or the first line has column names with one of the
   * fields among them.
   */
  static boolean has(String text, String name, Collection<String> fields) {
    return NAME.matcher(name.toLowerCase(Locale.ROOT)).matches()
        || SEPARATORS.stream().anyMatch(separator -> namesColumns(text, separator, fields));
  }

  private static boolean namesColumns(String text, String separator, Collection<String> fields) {
    var columns = columns(text, separator);
    var second = text.lines().skip(1).findFirst().orElse("");
    return columns.size() > 1
        && count(second, separator) >= columns.size() - 1
        && columns.stream().allMatch(column -> COLUMN.matcher(column).matches())
        && columns.stream().anyMatch(fields::contains);
  }

  /** The values of the first line. */
  private static List<String> columns(String text, String separator) {
    var line = text.lines().findFirst().orElse("");
    return Arrays.stream(line.split(Pattern.quote(separator), -1))
        .map(column -> column.strip().replaceAll("^\"|\"$", ""))
        .toList();
  }

  /** Whether nearly all lines have the same number of values, more than two. */
  static boolean looksLike(String text) {
    var first = text.lines().findFirst().orElse("");
    if (SEPARATORS.stream().noneMatch(separator -> count(first, separator) >= 2)) {
      return false;
    }
    var lines = text.lines().filter(line -> !line.isBlank()).toList();
    return lines.size() >= FEWEST
        && SEPARATORS.stream()
            .anyMatch(
                separator -> {
                  var most = count(lines.get(0), separator);
                  var same = lines.stream().filter(line -> count(line, separator) == most).count();
                  return most >= 2 && same * 10 >= lines.size() * 9L;
                });
  }

  private static int count(String line, String separator) {
    return line.length() - line.replace(separator, "").length();
  }
}
