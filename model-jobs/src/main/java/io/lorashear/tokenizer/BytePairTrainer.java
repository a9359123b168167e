package io.lorashear.tokenizer;

import io.lorashear.InputException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Trains a byte-level byte-pair vocabulary on counted words: Sennrich, Haddow and Birch, 2016
 * (arXiv 1508.07909), algorithm 1, over bytes as in GPT-2.
 *
 * <pre>
 *   (a, b) ← the pair of neighbours with the highest count over all words
 *   replace every a b by the new token ab
 * </pre>
 *
 * <p>Among pairs with the same count the one with the smallest bytes is merged, so that the
 * vocabulary depends only on the counts, not on the order or division of the texts.
 */
public final class BytePairTrainer {
  /** Separates documents; always id 0. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  private static final int BYTES = 256;

  /** GPT-2's division of a text into words, as by the library's ByteLevel pre-tokeniser. */
  private static final Pattern WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private final Map<String, Long> counts = new TreeMap<>();

  /** Two adjacent tokens, and how often they were adjacent when last counted. */
  private record Candidate(int left, int right, long count) {}

  /** Counts the words of a text. */
  public BytePairTrainer add(String text) {
    WORD.matcher(text).results().forEach(match -> add(match.group(), 1));
    return this;
  }

  /** Adds a word that was counted elsewhere, its leading blank included. */
  public BytePairTrainer add(String word, long count) {
    counts.merge(word, count, Long::sum);
    return this;
  }

  /**
   * Trains the vocabulary.
   *
   * @param size number of tokens: the end of text, the 256 bytes and the merges; fewer if no
   *     remaining pair occurs twice
   */
  public BytePairVocabulary train(int size) {
    if (size <= BYTES) {
      throw new InputException(
          "a vocabulary of %d tokens: a byte-level one needs at least %d", size, BYTES + 1);
    }
    return new Merging().run(size);
  }

  private final class Merging {
    private final List<byte[]> tokens = new ArrayList<>();
    private final Map<ByteBuffer, Integer> known =
        new HashMap<>(); // two merges may give the same token
    private final List<int[]> merges = new ArrayList<>();
    private final List<int[]> words = new ArrayList<>();
    private final List<Long> weights = new ArrayList<>();
    private final Map<Long, Long> pairs = new HashMap<>();
    private final Map<Long, Set<Integer>> where = new HashMap<>();
    private final PriorityQueue<Candidate> best = new PriorityQueue<>(this::compare);

    BytePairVocabulary run(int size) {
      tokens.add(END_OF_TEXT.getBytes(StandardCharsets.UTF_8));
      for (var b = 0; b < BYTES; b++) {
        known.put(ByteBuffer.wrap(new byte[] {(byte) b}), added(new byte[] {(byte) b}));
      }
      counts.forEach(this::enter);
      pairs.keySet().forEach(this::offer);
      while (tokens.size() < size) {
        var next = best.poll();
        if (next == null || next.count() < 2) {
          break;
        }
        if (next.count() == pairs.getOrDefault(key(next.left(), next.right()), 0L)) {
          merge(next.left(), next.right());
        }
      }
      return new BytePairVocabulary(tokens, merges);
    }

    private void enter(String word, long count) {
      var bytes = word.getBytes(StandardCharsets.UTF_8);
      var ids = new int[bytes.length];
      for (var i = 0; i < bytes.length; i++) {
        ids[i] = 1 + Byte.toUnsignedInt(bytes[i]);
      }
      words.add(ids);
      weights.add(count);
      count(words.size() - 1, 1, new HashSet<>());
    }

    /** Adds (sign 1) or subtracts (sign -1) the pairs of one word. */
    private void count(int word, int sign, Set<Long> touched) {
      var ids = words.get(word);
      for (var i = 0; i + 1 < ids.length; i++) {
        var key = key(ids[i], ids[i + 1]);
        pairs.merge(key, sign * weights.get(word), Long::sum);
        touched.add(key);
        if (sign > 0) {
          where.computeIfAbsent(key, pair -> new HashSet<>()).add(word);
        }
      }
    }

    private void merge(int left, int right) {
      var bytes = joined(tokens.get(left), tokens.get(right));
      if (Arrays.equals(bytes, tokens.get(0))) {
        return; // the end-of-text token is never made by merges
      }
      var merged = known.computeIfAbsent(ByteBuffer.wrap(bytes), fresh -> added(bytes));
      merges.add(new int[] {left, right});
      var touched = new HashSet<Long>();
      for (var word : where.getOrDefault(key(left, right), Set.of()).toArray(Integer[]::new)) {
        count(word, -1, touched);
        words.set(word, replaced(words.get(word), left, right, merged));
        count(word, 1, touched);
      }
      where.remove(key(left, right));
      touched.forEach(this::offer);
    }

    private int added(byte[] bytes) {
      tokens.add(bytes);
      return tokens.size() - 1;
    }

    private void offer(long key) {
      var count = pairs.getOrDefault(key, 0L);
      if (count > 0) {
        best.add(new Candidate((int) (key >>> 32), (int) key, count));
      } else {
        pairs.remove(key);
      }
    }

    private int compare(Candidate a, Candidate b) {
      var byCount = Long.compare(b.count(), a.count());
      if (byCount != 0) {
        return byCount;
      }
      var byLeft = Arrays.compareUnsigned(tokens.get(a.left()), tokens.get(b.left()));
      return byLeft != 0
          ? byLeft
          : Arrays.compareUnsigned(tokens.get(a.right()), tokens.get(b.right()));
    }
  }

  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }

  private static int[] replaced(int[] ids, int left, int right, int merged) {
    var result = new int[ids.length];
    var length = 0;
    for (var i = 0; i < ids.length; i++) {
      var pair = i + 1 < ids.length && ids[i] == left && ids[i + 1] == right;
      result[length++] = pair ? merged : ids[i];
      i += pair ? 1 : 0;
    }
    return Arrays.copyOf(result, length);
  }

  private static byte[] joined(byte[] left, byte[] right) {
    var out = new ByteArrayOutputStream(left.length + right.length);
    out.writeBytes(left);
    out.writeBytes(right);
    return out.toByteArray();
  }
}
