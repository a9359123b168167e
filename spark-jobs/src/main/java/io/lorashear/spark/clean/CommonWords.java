package io.lorashear.spark.clean;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The most common words of some languages, from {@code common-words.txt}. */
record CommonWords(Map<String, Set<String>> words) {
  private static final String FILE = "common-words.txt";

  private static final class Holder {
    static final CommonWords ALL = read();
  }

  static CommonWords all() {
    return Holder.ALL;
  }

  /** Codes of the languages, in order. */
  SortedSet<String> languages() {
    return new TreeSet<>(words.keySet());
  }

  /** Share of the words of {@code text} that are common words of each language, 0 to 1. */
  Map<String, Double> shares(List<String> text) {
    var shares = new TreeMap<String, Double>();
    words.forEach(
        (language, common) ->
            shares.put(
                language, (double) text.stream().filter(common::contains).count() / text.size()));
    return shares;
  }

  private static CommonWords read() {
    var stream = Objects.requireNonNull(CommonWords.class.getResourceAsStream(FILE), FILE);
    try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      var words = new TreeMap<String, Set<String>>();
      lines
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> List.of(line.split(" ", -1)))
          .forEach(
              line ->
                  words.put(line.get(0), Set.copyOf(new TreeSet<>(line.subList(1, line.size())))));
      return new CommonWords(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
