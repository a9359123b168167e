package io.lorashear.tokenizer;

import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens the words seen last have. A table of constant size, in which a word takes the
 * place of another; may be used by many threads at once, for entries never change.
 */
final class PieceCounts {
  private static final int PLACES = 1 << 17;
  private static final int LONGEST = 48;

  private final @Nullable Entry[] entries = new @Nullable Entry[PLACES];

  private record Entry(String piece, int count) {
    boolean is(String text, int from, int to) {
      return piece.length() == to - from && text.startsWith(piece, from);
    }
  }

  /** The tokens of a part of {@code text}, counted by {@code encoded} where they are not known. */
  int of(String text, int from, int to, ToIntFunction<String> encoded) {
    if (to - from > LONGEST) {
      return encoded.applyAsInt(text.substring(from, to));
    }
    int place = place(text, from, to);
    var first = entries[place];
    if (first != null && first.is(text, from, to)) {
      return first.count();
    }
    int other = place ^ 1;
    var second = entries[other];
    if (second != null && second.is(text, from, to)) {
      return second.count();
    }
    var piece = text.substring(from, to);
    var entry = new Entry(piece, encoded.applyAsInt(piece));
    entries[other] = first == null ? second : first;
    entries[place] = entry;
    return entry.count();
  }

  private static int place(String text, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + text.charAt(i);
    }
    hash *= 0x9E3779B1;
    return (hash ^ hash >>> 16) & (PLACES - 1);
  }
}
