package io.lorashear.spark.source;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Project Gutenberg has many books in several encodings, which the file names distinguish:
 *
 * <pre>
 *   1342-0.txt  pg1342.txt   UTF-8        1342-8.txt   Latin-1        1342.txt   ASCII
 * </pre>
 *
 * Of each number only the first file in this order is read. Files with equal names are not editions
 * of one book, because other collections use their own numbers.
 */
final class Editions {
  private static final Pattern NAME =
      Pattern.compile(
          "(?:.*/)?(pg)?(\\d+)(-0|-8|-5)?\\.txt(?:\\.utf-?8)?(?:\\.(?:gz|bz2|xz|zst))?");

  private static final List<String> ENDINGS = List.of("-0", "pg", "-8", "-5", "");

  private Editions() {}

  /**
   * Moves files whose book is also in another file from {@code files} to {@code dropped}.
   *
   * @param files files of one source
   */
  static void choose(List<InputFile> files, List<Dropped> dropped) {
    var first = new HashMap<String, InputFile>();
    var byRank =
        files.stream()
            .filter(file -> number(file).isPresent())
            .sorted(Comparator.comparing(Editions::rank).thenComparing(InputFile::name))
            .toList();
    for (var file : byRank) {
      first.putIfAbsent(number(file).orElseThrow(), file);
    }
    var others = new HashSet<InputFile>();
    for (var file : byRank) {
      var read = first.getOrDefault(number(file).orElseThrow(), file);
      if (rank(read) < rank(file)) {
        others.add(file);
        var place = file.place("");
        dropped.add(
            Dropped.at(place, DropReason.OTHER_ENCODING, "the same book as " + read.name()));
      }
    }
    files.removeAll(others);
  }

  private static Optional<String> number(InputFile file) {
    var name = NAME.matcher(file.name());
    return name.matches() && file.format() == Format.GUTENBERG
        ? Optional.of(name.group(2))
        : Optional.empty();
  }

  private static int rank(InputFile file) {
    var name = NAME.matcher(file.name());
    if (!name.matches()) {
      return ENDINGS.size();
    }
    var ending = name.group(3) == null ? "" : name.group(3);
    return ENDINGS.indexOf(ending.isEmpty() && name.group(1) != null ? "pg" : ending);
  }
}
