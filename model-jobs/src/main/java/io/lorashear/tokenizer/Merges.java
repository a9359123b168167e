package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Byte-pair encoding of one word (Sennrich, Haddow and Birch, 2016, arXiv 1508.07909, section 3.2)
 * with the merges of a {@code tokenizer.json}, in the order in which they were learnt:
 *
 * <pre>
 *   t h e r e  →  th e r e  →  the r e  →  the re  →  there
 * </pre>
 *
 * Among adjacent pairs that have a merge, the one learnt first is merged first; of equal ones the
 * leftmost.
 */
final class Merges {
  private static final int NONE = Integer.MAX_VALUE;
  private static final int ID_BITS = 20;
  private static final int RANK_BITS = 24;
  private static final long RANK = (1L << RANK_BITS) - 1;

  /**
   * Hash table of left id, right id and rank of each pair; zero for an empty slot, because ids
   * count from 1 here.
   */
  private final long[] pairs;

  /** The token that a pair becomes, by rank. */
  private final int[] merged;

  private Merges(int number) {
    pairs = new long[Integer.highestOneBit(Math.max(8, number)) << 2];
    merged = new int[number];
  }

  /**
   * The merges of the model of a {@code tokenizer.json}; empty if a merge is not of its vocabulary
   * or occurs twice, or if there are more than the bits of a slot allow.
   */
  static Optional<Merges> of(JsonNode model) {
    var list = model.path("merges");
    var vocabulary = model.path("vocab");
    if (list.size() > RANK || vocabulary.size() >= 1 << ID_BITS) {
      return Optional.empty();
    }
    var merges = new Merges(list.size());
    int rank = 0;
    for (var merge : list) {
      var parts = merge.isArray() ? texts(merge) : merge.asText().split(" ", -1);
      int left = id(vocabulary, parts[0]);
      int right = parts.length == 2 ? id(vocabulary, parts[1]) : -1;
      int both = right < 0 ? -1 : id(vocabulary, parts[0] + parts[1]);
      if (left < 0 || both < 0 || !merges.add(left, right, both, rank++)) {
        return Optional.empty();
      }
    }
    return Optional.of(merges);
  }

  private static String[] texts(JsonNode merge) {
    var texts = new String[merge.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = merge.path(i).asText();
    }
    return texts;
  }

  private static int id(JsonNode vocabulary, String token) {
    return vocabulary.path(token).asInt(-1);
  }

  private boolean add(int left, int right, int both, int rank) {
    long pair = pair(left, right);
    int place = place(pair);
    if (pairs[place] != 0 || Math.max(left, right) >= (1 << ID_BITS) - 1) {
      return false;
    }
    pairs[place] = pair | rank;
    merged[rank] = both;
    return true;
  }

  private static long pair(int left, int right) {
    return ((left + 1L) << ID_BITS | (right + 1L)) << RANK_BITS;
  }

  /** The slot of a pair, or the empty slot where it would be stored. */
  private int place(long pair) {
    int place = (int) (pair * 0x9E3779B97F4A7C15L >>> 32) & (pairs.length - 1);
    while (pairs[place] != 0 && (pairs[place] & ~RANK) != pair) {
      place = (place + 1) & (pairs.length - 1);
    }
    return place;
  }

  private int rank(int left, int right) {
    long found = pairs[place(pair(left, right))];
    return found == 0 ? NONE : (int) (found & RANK);
  }

  /**
   * Merges a word, and returns how many tokens are left of it.
   *
   * @param symbols ids of its characters, {@code length} of them; overwritten by its tokens
   */
  int merge(int[] symbols, int length) {
    return shorten(symbols, length, 1);
  }

  /** {@link #merge}, which stops as soon as {@code least} tokens are left. */
  int shorten(int[] symbols, int length, int least) {
    var waiting = new int[length];
    int count = length;
    for (int i = 0; i + 1 < count; i++) {
      waiting[i] = rank(symbols[i], symbols[i + 1]);
    }
    for (int at = first(waiting, count); at >= 0 && count > least; at = first(waiting, count)) {
      symbols[at] = merged[waiting[at]];
      count--;
      System.arraycopy(symbols, at + 2, symbols, at + 1, count - at - 1);
      System.arraycopy(waiting, at + 1, waiting, at, count - at);
      waiting[at] = at + 1 < count ? rank(symbols[at], symbols[at + 1]) : NONE;
      if (at > 0) {
        waiting[at - 1] = rank(symbols[at - 1], symbols[at]);
      }
    }
    return count;
  }

  /** The token that two adjacent tokens become, or -1 if they have no merge. */
  int joined(int left, int right) {
    int rank = rank(left, right);
    return rank == NONE ? -1 : merged[rank];
  }

  /** The leftmost of the pairs with the lowest rank, or -1. */
  private static int first(int[] waiting, int count) {
    int first = -1;
    int lowest = NONE;
    for (int i = 0; i + 1 < count; i++) {
      if (waiting[i] < lowest) {
        lowest = waiting[i];
        first = i;
      }
    }
    return first;
  }
}
