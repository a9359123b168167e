package io.lorashear.tokenizer;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Encodes and counts a text piece by piece. The pieces lie between the {@link Cuts} of the text,
 * most of them a word, and encoded one by one they have the ids of the whole. Where the ids of a
 * piece come from:
 *
 * <pre>
 *   seen before    the cache of this thread
 *   plain          {@link PlainWords}
 *   other          the library
 * </pre>
 *
 * A text with too many pieces of the third kind goes to the library in pieces as long as possible,
 * because calls take longer than words.
 *
 * @param library one call of the library: the ids of a text
 * @param known cached ids, by thread
 */
record Pieces(
    Vocabulary vocabulary,
    Cuts cuts,
    PlainWords.Later words,
    Function<String, int[]> library,
    ThreadLocal<PieceIds> known) {

  /**
   * Maximum number of characters encoded in one native call, which needs a hundred bytes for each.
   */
  private static final int MOST_AT_ONCE = 1 << 16;

  /** Calls of the library that any text may take, and pieces for each further call. */
  private static final int FEW_CALLS = 8;

  private static final int PIECES_A_CALL = 8;

  /** Length from which on a text's minimum number of tokens is checked before encoding. */
  private static final int LONG = 1 << 12;

  Pieces(
      Vocabulary vocabulary, Cuts cuts, PlainWords.Later words, Function<String, int[]> library) {
    this(vocabulary, cuts, words, library, ThreadLocal.withInitial(PieceIds::new));
  }

  /** The ids of a text: (tokens,). */
  int[] encode(String text) {
    var cache = known.get();
    var all = IntStream.builder();
    int pieces = 0;
    int calls = 0;
    for (int from = 0, to; from < text.length(); from = to) {
      to = cuts.next(text, from + 1);
      int begin = cuts.begin(from);
      int end = cuts.spaceIsPut() ? to : cuts.withoutMark(text, begin, to);
      calls += add(text, begin, end, cache, all);
      calls += end < to ? add(text, end, to, cache, all) : 0;
      pieces++;
      if (calls > FEW_CALLS + pieces / PIECES_A_CALL) {
        addByLibrary(text, to, MOST_AT_ONCE, all);
        break;
      }
    }
    return all.build().toArray();
  }

  /** Adds the ids of a piece; returns the number of calls of the library. */
  private int add(String text, int from, int to, PieceIds cache, IntStream.Builder all) {
    int[] ids = cache.of(text, from, to);
    int calls = 0;
    if (ids.length == 0) {
      var piece = text.substring(from, to);
      int[] plain = words.ids(piece);
      calls = plain.length == 0 ? 1 : 0;
      ids = calls > 0 ? library.apply(piece) : plain;
      cache.put(piece, ids);
    }
    for (int id : ids) {
      all.add(id);
    }
    return calls;
  }

  /**
   * Encodes by the library alone, in pieces of at least {@code characters} characters; a test makes
   * the pieces short.
   */
  int[] encodeByLibrary(String text, int characters) {
    var all = IntStream.builder();
    addByLibrary(text, 0, characters, all);
    return all.build().toArray();
  }

  private void addByLibrary(String text, int begin, int characters, IntStream.Builder all) {
    for (int from = begin, to; from < text.length(); from = to) {
      to = cuts.next(text, from + characters);
      Arrays.stream(library.apply(text.substring(cuts.begin(from), to))).forEach(all::add);
    }
  }

  /** The number of ids of the text, or of a beginning of it that has more than {@code limit}. */
  int count(String text, int limit) {
    var cache = known.get();
    int count = 0;
    for (int from = 0, to; from < text.length() && count <= limit; from = to) {
      to = cuts.next(text, from + 1);
      int begin = cuts.begin(from);
      if (to - begin > LONG && reaches(text, begin, to, limit - count)) {
        return limit + 1;
      }
      int end = cuts.withoutMark(text, begin, to);
      int[] ids = cache.of(text, begin, end);
      int tokens = ids.length == 0 ? learnt(text.substring(begin, end), cache).length : ids.length;
      count += to - end + tokens;
    }
    return count;
  }

  private int[] learnt(String piece, PieceIds cache) {
    int[] plain = words.ids(piece);
    int[] ids = plain.length == 0 ? library.apply(piece) : plain;
    cache.put(piece, ids);
    return ids;
  }

  private boolean reaches(String text, int from, int to, int left) {
    return vocabulary.reach().map(reach -> reach.exceeds(text, from, to, left)).orElse(false);
  }

  /** Whether the text certainly has more ids than {@code limit}, by its cuts alone. */
  boolean exceed(String text, int limit) {
    return cuts.exceed(text, limit);
  }
}
