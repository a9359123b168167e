package io.lorashear.spark.source.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Joins lines that were broken at a fixed width. A break is due to the width if the next line's
 * first word would not have fitted; else it is the author's (verse, tables, addresses) and is kept.
 */
final class Reflow {
  /**
   * Number of characters by which a wrapped line may be shorter than the usual width, because lines
   * were wrapped by hand or hyphenated.
   */
  private static final int RAGGED = 12;

  private final int width;

  private Reflow(int width) {
    this.width = width;
  }

  /** Paragraphs of {@code text}, separated by blank lines, with only the author's line breaks. */
  static String paragraphs(String text) {
    var lines = text.lines().map(String::stripTrailing).toList();
    var reflow = new Reflow(usualWidth(lines));
    var paragraphs = new ArrayList<String>();
    var block = new ArrayList<String>();
    for (var line : lines) {
      if (!line.isBlank()) {
        block.add(line);
      } else if (!block.isEmpty()) {
        paragraphs.add(reflow.join(block));
        block.clear();
      }
    }
    if (!block.isEmpty()) {
      paragraphs.add(reflow.join(block));
    }
    return String.join("\n\n", paragraphs);
  }

  /** The length that nine in ten lines do not exceed. */
  private static int usualWidth(List<String> lines) {
    var lengths = lines.stream().mapToInt(String::length).filter(length -> length > 0).toArray();
    Arrays.sort(lengths);
    return lengths.length == 0 ? 0 : lengths[(int) (0.9 * (lengths.length - 1))];
  }

  private String join(List<String> block) {
    var text = new StringBuilder(block.get(0).strip());
    for (var i = 1; i < block.size(); i++) {
      var next = block.get(i).strip();
      text.append(wrapped(block.get(i - 1), next) ? glue(text, next) : "\n").append(next);
    }
    return text.toString();
  }

  private boolean wrapped(String line, String next) {
    var space = next.indexOf(' ');
    var word = space < 0 ? next.length() : space;
    return line.length() + 1 + word > width - RAGGED;
  }

  /**
   * The separator of two joined lines: empty after a hyphen or dash that joins two words, otherwise
   * a space.
   */
  private static String glue(CharSequence before, String next) {
    var length = before.length();
    var joins =
        length >= 2
            && before.charAt(length - 1) == '-'
            && !Character.isWhitespace(before.charAt(length - 2))
            && !next.isEmpty()
            && Character.isLetterOrDigit(next.charAt(0));
    return joins ? "" : " ";
  }
}
