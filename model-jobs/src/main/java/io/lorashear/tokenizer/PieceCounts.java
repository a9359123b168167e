package io.lorashear.tokenizer;

import java.util.Arrays;

/**
 * How many tokens the words seen last have: a table of constant size for one thread, in which a
 * word takes the place of another. A word is written into the numbers of its entry, so that one
 * look at memory finds it:
 *
 * <pre>
 *   31 characters of a byte each   | tokens        of ASCII, Latin-1 and the usual quotation marks
 *   15 characters of two bytes each| tokens        of anything else
 * </pre>
 */
final class PieceCounts {
  /** What {@link #of} says of words that are not known. */
  static final int UNKNOWN = -1;

  private static final int PLACES = 1 << 17;
  private static final int LONGS = 4;
  private static final int NARROW = 31;
  private static final int WIDE = 15;
  private static final int MOST_TOKENS = 127;
  private static final int TOKENS_AT = 56;
  private static final long TOKENS = (long) MOST_TOKENS << TOKENS_AT;
  private static final long IS_WIDE = Long.MIN_VALUE;

  private final long[] entries = new long[PLACES * LONGS];
  private final long[] word = new long[LONGS];

  /** The tokens of a part of {@code text}, or {@link #UNKNOWN}. */
  int of(String text, int from, int to) {
    if (!write(text, from, to)) {
      return UNKNOWN;
    }
    int place = place();
    if (!isAt(place)) {
      place ^= LONGS;
      if (!isAt(place)) {
        return UNKNOWN;
      }
    }
    return (int) ((entries[place + 3] & TOKENS) >>> TOKENS_AT);
  }

  /** From now on a word has so many tokens; one that is too long for an entry is not kept. */
  void put(String piece, int tokens) {
    if (tokens > MOST_TOKENS || !write(piece, 0, piece.length())) {
      return;
    }
    int place = place();
    System.arraycopy(entries, place, entries, place ^ LONGS, LONGS);
    System.arraycopy(word, 0, entries, place, LONGS);
    entries[place + 3] |= (long) tokens << TOKENS_AT;
  }

  private boolean isAt(int place) {
    return entries[place] == word[0]
        && entries[place + 1] == word[1]
        && entries[place + 2] == word[2]
        && (entries[place + 3] & ~TOKENS) == word[3];
  }

  private int place() {
    long hash = word[0] * 0x9E3779B97F4A7C15L;
    hash = (hash ^ hash >>> 29 ^ word[1]) * 0xBF58476D1CE4E5B9L;
    hash = (hash ^ hash >>> 32 ^ word[2] ^ word[3]) * 0x94D049BB133111EBL;
    return (int) (hash >>> 40) % PLACES * LONGS;
  }

  /** Whether the part fits into {@link #word}. */
  private boolean write(String text, int from, int to) {
    Arrays.fill(word, 0);
    int length = to - from;
    for (int i = 0; i < length; i++) {
      int code = length <= NARROW ? narrow(text.charAt(from + i)) : 0;
      if (code == 0) {
        return writeWide(text, from, to);
      }
      word[i >> 3] |= (long) code << ((i & 7) << 3);
    }
    return length > 0;
  }

  private boolean writeWide(String text, int from, int to) {
    Arrays.fill(word, 0);
    int length = to - from;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(from + i);
      if (length > WIDE || c == 0) {
        return false;
      }
      word[i >> 2] |= (long) c << ((i & 3) << 4);
    }
    word[LONGS - 1] |= IS_WIDE;
    return true;
  }

  /** One byte for a character, another for each; 0 where it takes two. */
  private static int narrow(char c) {
    if (c < 0x80 || c >= 0xA0 && c <= 0xFF) {
      return c;
    }
    return c >= '\u2010' && c <= '\u2027' ? c - '\u2010' + 0x80 : 0;
  }
}
