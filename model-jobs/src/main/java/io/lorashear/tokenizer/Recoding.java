package io.lorashear.tokenizer;

import io.lorashear.run.Sha256;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Old ids of a text to the ids that a smaller vocabulary gives the same text, without the text.
 *
 * <pre>
 *   The| cat|s| purred| .|        purred was removed
 *   The| cat|s| pur|red| .|       only the words that have a removed token are encoded again
 * </pre>
 *
 * <p>Splitting a removed token is not enough: its first part may now be merged with the token
 * before it. So whole stretches between two {@link Cuts} are encoded again, from the text that
 * their tokens spell; that the text is the right one is known because the old tokenizer gives it
 * the old ids. Where it does not (ids that begin or end within a character, or that follow an added
 * token where the tokenizer puts a space at the very beginning alone), removed tokens are split as
 * {@link Split} says, and counted as inexact. All other ids only change their number.
 *
 * <p>Thread-safe.
 */
public final class Recoding {
  private static final int MOST_WORDS = 1 << 16;
  private static final char NONE = '\0';

  private final Tokenizer old;
  private final Tokenizer small;
  private final VocabularyCut cut;
  private final Split split;
  private final Optional<Cuts> cuts;
  private final BitSet added = new BitSet();

  /** First and last character of each token, if it is one of ASCII or the mark of a space. */
  private final char[] first;

  private final char[] last;
  private final char[] second;
  private final char mark;
  private final int[] lengths;
  private final int[] newLengths;
  private final Map<IntBuffer, int[]> words = new ConcurrentHashMap<>();

  /**
   * New ids of a text.
   *
   * @param ids (tokens,)
   * @param begin how many of them lie completely within the beginning that the caller asked for
   * @param inexact how many removed tokens were split by themselves, because their text was not
   *     known
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares results
  public record Recoded(int[] ids, int begin, int inexact) {}

  private Recoding(VocabularyFiles from, VocabularyFiles to, Tokenizer old, Tokenizer small) {
    this.old = old;
    this.small = small;
    cut = VocabularyCut.between(from, to);
    split = new Split(from, cut);
    cuts = Cuts.of(from.root());
    for (var token : from.root().path("added_tokens")) {
      added.set(token.path("id").asInt());
    }
    boolean bytes = CuttingRules.ofBytes(from.root());
    mark = bytes ? '\u0120' : CuttingRules.LOWER_BLOCK.charAt(0);
    first = new char[from.size()];
    second = new char[from.size()];
    last = new char[from.size()];
    lengths = new int[from.size()];
    newLengths = new int[to.size()];
    from.ids().forEach((text, id) -> describe(text, id, bytes));
    for (int id = 0; id < cut.size(); id++) {
      newLengths[id] = lengths[cut.kept()[id]];
    }
  }

  /**
   * From one tokenizer to another that was made from it by a cut.
   *
   * @throws io.lorashear.InputException if it was not
   */
  public static Recoding between(Path from, Path to) {
    return new Recoding(
        VocabularyFiles.open(from),
        VocabularyFiles.open(to),
        Tokenizer.shared(from),
        Tokenizer.shared(to));
  }

  /** {@link #between(Path, Path)} for tokenizers by their content. */
  public static Recoding between(byte[] from, byte[] to) {
    var file = Path.of("tokenizer.json");
    return new Recoding(
        VocabularyFiles.of(file, from),
        VocabularyFiles.of(file, to),
        Tokenizer.shared(Sha256.of(from), () -> from),
        Tokenizer.shared(Sha256.of(to), () -> to));
  }

  private void describe(String text, int id, boolean bytes) {
    boolean oneByte = !bytes && text.matches("<0x[0-9A-F]{2}>");
    lengths[id] =
        bytes ? text.length() : oneByte ? 1 : text.getBytes(StandardCharsets.UTF_8).length;
    if (!oneByte && !text.isEmpty() && !added.get(id)) {
      first[id] = text.charAt(0);
      second[id] = text.length() > 1 ? text.charAt(1) : NONE;
      last[id] = text.charAt(text.length() - 1);
    }
  }

  /** The cut between the two vocabularies. */
  public VocabularyCut cut() {
    return cut;
  }

  /** New ids of a text that has these old ids. */
  public int[] of(int[] ids) {
    return of(ids, 0).ids();
  }

  /**
   * New ids of a text that has these old ids.
   *
   * @param begin number of old ids of a beginning of the text
   */
  public Recoded of(int[] ids, int begin) {
    var all = IntStream.builder();
    int within = 0;
    int inexact = 0;
    for (int from = 0, to; from < ids.length; from = to) {
      to = border(ids, from);
      var old = Arrays.copyOfRange(ids, from, to);
      var known = word(old);
      var word = known.length == 0 ? byParts(old) : known;
      inexact += known.length == 0 ? removed(old) : 0;
      Arrays.stream(word).forEach(all::add);
      if (begin >= to) {
        within += word.length;
      } else if (begin > from) {
        within += within(word, length(ids, from, begin));
      }
    }
    return new Recoded(all.build().toArray(), within, inexact);
  }

  /** The first place after {@code from} where what follows is encoded by itself. */
  private int border(int[] ids, int from) {
    int to = from + 1;
    while (to < ids.length && !added.get(ids[from]) && !added.get(ids[to]) && !isCut(ids, to)) {
      to++;
    }
    return to;
  }

  private boolean isCut(int[] ids, int at) {
    char left = last[ids[at - 1]];
    char right = second[ids[at]];
    if (right == NONE && at + 1 < ids.length) {
      right = first[ids[at + 1]];
    }
    return first[ids[at]] == mark
        && isAscii(left)
        && isAscii(right)
        && cuts.isPresent()
        && cuts.get().left().get(left)
        && cuts.get().right().get(right);
  }

  private static boolean isAscii(char c) {
    return c > ' ' && c <= '~';
  }

  /** The ids of a stretch between two cuts; empty if its text is not known. */
  private int[] word(int[] ids) {
    if (Arrays.stream(ids).allMatch(cut::keeps)) {
      return Arrays.stream(ids).map(id -> cut.newIds()[id]).toArray();
    }
    var known = words.get(IntBuffer.wrap(ids));
    if (known == null) {
      var text = old.decode(ids);
      known = Arrays.equals(old.encode(text), ids) ? small.encode(text) : new int[0];
      if (words.size() < MOST_WORDS) {
        words.put(IntBuffer.wrap(ids), known);
      }
    }
    return known;
  }

  private int[] byParts(int[] ids) {
    return Arrays.stream(ids).flatMap(id -> Arrays.stream(split.of(id))).toArray();
  }

  private int removed(int[] ids) {
    return (int) Arrays.stream(ids).filter(id -> !cut.keeps(id)).count();
  }

  private int length(int[] ids, int from, int to) {
    return Arrays.stream(ids, from, to).map(id -> lengths[id]).sum();
  }

  /** How many of the new ids end within the first {@code length} bytes. */
  private int within(int[] word, int length) {
    int end = 0;
    int within = 0;
    for (int id : word) {
      end += newLengths[id];
      within += end <= length ? 1 : 0;
    }
    return within;
  }
}
