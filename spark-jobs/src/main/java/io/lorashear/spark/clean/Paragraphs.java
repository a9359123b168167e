package io.lorashear.spark.clean;

import io.lorashear.spark.source.Document;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** The paragraphs of a document. */
final class Paragraphs {
  private static final Pattern BLANK_LINE = Pattern.compile("\\n[ \\t\\r]*\\n\\s*");

  private Paragraphs() {}

  /**
   * Blank-line blocks of prose; sentences joined into blocks of at least {@code blockTokens}
   * tokens; the prompt of an instruction as one.
   */
  static List<String> of(Document document, int blockTokens, TokenCounter counter) {
    return switch (document.kind()) {
      case TEXT ->
          Arrays.stream(BLANK_LINE.split(document.text()))
              .map(String::strip)
              .filter(paragraph -> !paragraph.isEmpty())
              .toList();
      case SENTENCES -> blocks(document.text(), blockTokens, counter);
      case INSTRUCTION -> List.of(document.text());
    };
  }

  /** What is left after the last full block joins it, if it is less than half a block. */
  private static List<String> blocks(String lines, int blockTokens, TokenCounter counter) {
    var blocks = new ArrayList<String>();
    var block = new StringBuilder();
    var tokens = 0;
    for (var line : lines.lines().map(String::strip).filter(line -> !line.isEmpty()).toList()) {
      block.append(block.isEmpty() ? "" : " ").append(line);
      tokens += counter.count(line);
      if (tokens >= blockTokens) {
        blocks.add(block.toString());
        block.setLength(0);
        tokens = 0;
      }
    }
    if (tokens * 2 < blockTokens && !blocks.isEmpty() && !block.isEmpty()) {
      blocks.add(blocks.remove(blocks.size() - 1) + " " + block);
    } else if (!block.isEmpty()) {
      blocks.add(block.toString());
    }
    return blocks;
  }
}
