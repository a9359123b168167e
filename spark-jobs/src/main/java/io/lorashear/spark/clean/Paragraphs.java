package io.lorashear.spark.clean;

import io.lorashear.spark.source.Document;
import java.util.ArrayList;
import java.util.List;

/** The paragraphs of a document. */
final class Paragraphs {
  private static final String SPACE = " \t\r";

  private Paragraphs() {}

  /**
   * Blank-line blocks of prose; sentences joined into blocks of at least {@code blockTokens}
   * tokens; the prompt of an instruction as a single paragraph.
   */
  static List<String> of(Document document, int blockTokens, TokenCounter counter) {
    return switch (document.kind()) {
      case TEXT -> apart(document.text());
      case SENTENCES -> blocks(document.text(), blockTokens, counter);
      case INSTRUCTION -> List.of(document.text());
    };
  }

  /** The blocks between blank lines, which may contain spaces, tabs and carriage returns. */
  private static List<String> apart(String text) {
    var paragraphs = new ArrayList<String>();
    var start = 0;
    for (var end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
      var next = end + 1;
      while (next < text.length() && SPACE.indexOf(text.charAt(next)) >= 0) {
        next++;
      }
      if (next < text.length() && text.charAt(next) == '\n') {
        add(text.substring(start, end), paragraphs);
        start = next + 1;
        end = next;
      }
    }
    add(text.substring(start), paragraphs);
    return paragraphs;
  }

  private static void add(String paragraph, List<String> paragraphs) {
    if (!paragraph.isBlank()) {
      paragraphs.add(paragraph.strip());
    }
  }

  /**
   * Blocks of sentences; the rest after the last full block is joined to it if it is less than half
   * a block.
   */
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
