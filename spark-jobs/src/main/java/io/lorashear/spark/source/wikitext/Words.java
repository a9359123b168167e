package io.lorashear.spark.source.wikitext;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Words with a meaning in MediaWiki, in sections: a file with lines {@code [section]}, each
 * followed by words separated by bars; {@code #} begins a comment.
 */
public final class Words {
  /** The words of the mark-up, in the languages of all wikis. */
  public static final Words OF_MARK_UP = read("words.txt");

  private final Map<String, Set<String>> sections = new LinkedHashMap<>();

  private Words() {}

  /** The words of {@code file}, a resource in this class's package or an absolute resource path. */
  public static Words read(String file) {
    var stream = Objects.requireNonNull(Words.class.getResourceAsStream(file), file);
    try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      var words = new Words();
      Set<String> section = Set.of();
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("[")) {
          section = words.section(line);
        } else if (!line.startsWith("#") && !line.isBlank()) {
          add(line, section);
        }
      }
      return words;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Set<String> section(String line) {
    var name = line.substring(1, line.indexOf(']'));
    return sections.computeIfAbsent(name, each -> new HashSet<>());
  }

  private static void add(String line, Set<String> section) {
    for (var word : line.split("\\|", -1)) {
      if (!word.isBlank()) {
        section.add(word.strip().replace('\u00a0', ' '));
      }
    }
  }

  /** The words of a section. */
  public Set<String> in(String section) {
    return Objects.requireNonNull(sections.get(section), section);
  }

  /**
   * Section by word, of the sections whose names begin with {@code prefix}; the prefix is left out.
   */
  public Map<String, String> byWord(String prefix) {
    var byWord = new HashMap<String, String>();
    sections.forEach(
        (name, words) -> {
          if (name.startsWith(prefix)) {
            words.forEach(word -> byWord.put(word, name.substring(prefix.length())));
          }
        });
    return byWord;
  }

  /**
   * A name in the spelling of these files: lower case, with one blank for blanks or underscores of
   * the mark-up.
   */
  public static String spelt(String name) {
    var stripped = name.strip();
    for (var i = 0; i < stripped.length(); i++) {
      if (isBlank(stripped.charAt(i))
          && (stripped.charAt(i) != ' ' || stripped.charAt(i + 1) == ' ')) {
        return spaced(stripped).toLowerCase(Locale.ROOT);
      }
    }
    return stripped.toLowerCase(Locale.ROOT);
  }

  private static boolean isBlank(char c) {
    return c == '_' || c == '\u00a0' || Character.isWhitespace(c);
  }

  private static String spaced(String name) {
    var out = new StringBuilder(name.length());
    for (var i = 0; i < name.length(); i++) {
      var c = name.charAt(i);
      if (!isBlank(c)) {
        out.append(c);
      } else if (!out.isEmpty() && out.charAt(out.length() - 1) != ' ') {
        out.append(' ');
      }
    }
    return out.toString().strip();
  }
}
