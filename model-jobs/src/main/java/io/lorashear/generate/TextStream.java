package io.lorashear.generate;

import io.lorashear.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * Decodes token ids while they arrive. A character may be spread over several tokens, and a token's
 * space may depend on the one before: a piece is returned when decoding it after its predecessors
 * yields whole characters.
 */
public final class TextStream {
  private static final int FORERUNNERS = 8;
  private static final String BROKEN = "\uFFFD";

  private final Tokenizer tokenizer;
  private int[] ids;
  private int given; // ids whose text has been returned

  /** A stream that continues {@code prompt}, whose text is not returned. */
  public TextStream(Tokenizer tokenizer, int[] prompt) {
    this.tokenizer = tokenizer;
    this.ids = Arrays.copyOfRange(prompt, Math.max(0, prompt.length - FORERUNNERS), prompt.length);
    this.given = ids.length;
  }

  /** The text that {@code id} completes; empty while a character is unfinished. */
  public String next(int id) {
    ids = Arrays.copyOf(ids, ids.length + 1);
    ids[ids.length - 1] = id;
    String text = pending();
    return text.endsWith(BROKEN) ? "" : give(text);
  }

  /** The rest at the end, broken characters as U+FFFD. */
  public String end() {
    return given == ids.length ? "" : give(pending());
  }

  private String pending() {
    String before = tokenizer.decode(Arrays.copyOf(ids, given));
    String all = tokenizer.decode(ids);
    return all.substring(Math.min(before.length(), all.length()));
  }

  private String give(String text) {
    ids = Arrays.copyOfRange(ids, Math.max(0, ids.length - FORERUNNERS), ids.length);
    given = ids.length;
    return text;
  }
}
