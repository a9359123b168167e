package io.lorashear.tokenizer;

import java.util.Arrays;

/**
 * A cache of the ids of recent words: a table of constant size for one thread, in which a new word
 * replaces an older one. The word itself is stored in the longs of its entry, so that one memory
 * access finds it:
 *
 * <pre>
 *   31 characters of a byte each        ASCII, Latin-1, common quotation marks, dashes
 *   15 characters of two bytes each     all others
 * </pre>
 */
final class PieceIds {
  /** Result of {@link #of} for words that are not in the cache; no word has no ids. */
  static final int[] UNKNOWN = {};

  private static final int PLACES = 1 << 17;
  private static final int LONGS = 4;
  private static final int NARROW = 31;
  private static final int WIDE = 15;
  private static final long IS_WIDE = Long.MIN_VALUE;

  private final long[] entries = new long[PLACES * LONGS];
  private final int[][] ids = new int[PLACES][];
  private final long[] word = new long[LONGS];

  /** The ids of a part of {@code text}, or {@link #UNKNOWN}; not to be changed. */
  int[] of(String text, int from, int to) {
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
    return ids[place / LONGS];
  }

  /** Stores the ids of a word, unless the word is too long for an entry. */
  void put(String piece, int[] tokens) {
    if (tokens.length == 0 || !write(piece, 0, piece.length())) {
      return;
    }
    int place = place();
    int older = place ^ LONGS;
    System.arraycopy(entries, place, entries, older, LONGS);
    System.arraycopy(word, 0, entries, place, LONGS);
    ids[older / LONGS] = ids[place / LONGS];
    ids[place / LONGS] = tokens;
  }

  private boolean isAt(int place) {
    return entries[place] == word[0]
        && entries[place + 1] == word[1]
        && entries[place + 2] == word[2]
        && entries[place + 3] == word[3];
  }

  private int place() {
    long hash = word[0] * 0x9E3779B97F4A7C15L;
    hash = (hash ^ hash >>> 29 ^ word[1]) * 0xBF58476D1CE4E5B9L;
    hash = (hash ^ hash >>> 32 ^ word[2] ^ word[3]) * 0x94D049BB133111EBL;
    return (int) (hash >>> 40) % PLACES * LONGS;
  }

  /** Writes the part into {@link #word}; false if it does not fit. */
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

  /** A distinct byte for each narrow character; 0 for characters that need two bytes. */
  private static int narrow(char c) {
    if (c < 0x80 || c >= 0xA0 && c <= 0xFF) {
      return c;
    }
    return c >= '\u2010' && c <= '\u2027' ? c - '\u2010' + 0x80 : 0;
  }
}
