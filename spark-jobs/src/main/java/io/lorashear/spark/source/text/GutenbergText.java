package io.lorashear.spark.source.text;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The book in a Project Gutenberg e-text: without header, licence and credits, in paragraphs.
 *
 * <p>Texts since 2004 stand between {@code *** START OF THE PROJECT GUTENBERG EBOOK … ***} and
 * {@code *** END OF …}, with or without spaces, {@code THIS} or {@code THE}. Older ones begin after
 * {@code *END THE SMALL PRINT! … *END*} and end at {@code End of Project Gutenberg's …}. A text
 * with neither was stripped by others and is taken whole.
 */
public final class GutenbergText {
  private static final String NAME = "(?:THE|THIS)?\\s*PROJECT\\s+GUTENBERG(?:'S)?\\b";
  private static final Pattern START =
      Pattern.compile(
          "(?im)^[ \\t]*\\*{3}[ \\t]*START OF "
              + NAME
              + "[^*\\n]*(?:\\n[^*\\n]*){0,3}\\*{3}[^\\n]*$");
  private static final Pattern SMALL_PRINT =
      Pattern.compile("(?im)^[ \\t]*\\*END[ *]*THE SMALL PRINT![^\\n]*$");
  private static final Pattern END =
      Pattern.compile(
          "(?im)^[ \\t]*(?:\\*{3}[ \\t]*END OF "
              + NAME
              + "|End of (?:the |this )?Project Gutenberg(?:'s|’s)?\\b|End of "
              + "(?:the )?Project Gutenberg E(?:text|book)).*$");
  private static final Pattern CREDIT =
      Pattern.compile(
          "(?i)(?:Produced by|E-?text prepared by|This (?:e-?text|ebook|file) was (?:produced|prepared)"
              + "|Transcribed (?:from|by)|Scanned (?:and|by)|\\[?Transcriber'?s? notes?|HTML version)");
  private static final int CREDITS_WITHIN = 4;

  private GutenbergText() {}

  /** Paragraphs of the book, apart by a blank line; empty if nothing stands between the markers. */
  public static String book(String file) {
    var text = file.replace("\r\n", "\n").replace('\r', '\n');
    var body = text.substring(begin(text));
    var end = END.matcher(body);
    var book = Reflow.paragraphs(end.find() ? body.substring(0, end.start()) : body);
    return withoutCredits(book);
  }

  private static int begin(String text) {
    var start = START.matcher(text);
    if (start.find()) {
      return start.end();
    }
    var smallPrint = SMALL_PRINT.matcher(text);
    return smallPrint.find() ? smallPrint.end() : 0;
  }

  /** Drops the paragraphs that thank who made the e-text, where they stand before the book. */
  private static String withoutCredits(String book) {
    var paragraphs = List.of(book.split("\n\n", CREDITS_WITHIN + 1));
    var kept =
        paragraphs.stream()
            .limit(CREDITS_WITHIN)
            .filter(paragraph -> !CREDIT.matcher(paragraph).lookingAt())
            .toList();
    var head = String.join("\n\n", kept);
    if (paragraphs.size() <= CREDITS_WITHIN) {
      return head;
    }
    return head + (head.isEmpty() ? "" : "\n\n") + paragraphs.get(CREDITS_WITHIN);
  }
}
