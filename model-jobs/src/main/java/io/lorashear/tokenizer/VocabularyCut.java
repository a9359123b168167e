package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which tokens of a byte-pair vocabulary stay, and their new ids: dense, in the old order.
 *
 * <pre>
 *   old id    0   1   2   3   4   5        kept   0 2 3 5
 *   new id    0  −1   1   2  −1   3        size   4
 * </pre>
 *
 * <p>A cut is closed: with a token stays what merges make it of, because without these it would
 * never be made again ({@link Derivations} has the proof). So a word none of whose tokens was
 * removed has the same tokens as before; another one is cut into smaller tokens. Bytes, added and
 * special tokens always stay, so that any text can still be written.
 *
 * @param kept (new size,) old ids, ascending
 * @param newIds (old size,) the new id of every old one; −1 where it was removed, or where an id
 *     had no token. The old size is one more than the tokenizer's highest id; an embedding may have
 *     more rows
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares cuts
public record VocabularyCut(int[] kept, int[] newIds) {
  private static final int REMOVED = -1;

  /**
   * The smallest closed cut that has the wanted tokens.
   *
   * @param tokenizerFolder folder of a {@code tokenizer.json}, with the model's other files if it
   *     is a model; or the file
   * @param wanted ids; those without a token are ignored
   * @throws InputException if a file is missing or damaged, or its vocabulary cannot be cut
   */
  public static VocabularyCut of(Path tokenizerFolder, BitSet wanted) {
    var files = VocabularyFiles.open(tokenizerFolder);
    var kept = MandatoryTokens.of(files);
    var tokens = files.existing();
    tokens.and(wanted);
    kept.or(tokens);
    files.derivations().close(kept);
    return of(kept, files.size());
  }

  /** The smallest cut: what never goes, and what it is made of. */
  public static VocabularyCut mandatory(Path tokenizerFolder) {
    return of(tokenizerFolder, new BitSet());
  }

  /**
   * The tokens that must stay if a token stays: all that merges make it of, down to characters.
   *
   * @return by old id; ascending, without the id itself; (old size,) lists
   */
  public static List<int[]> needs(Path tokenizerFolder) {
    var files = VocabularyFiles.open(tokenizerFolder);
    var derivations = files.derivations();
    return IntStream.range(0, files.size()).mapToObj(derivations::needs).toList();
  }

  /**
   * The cut by which one tokenizer was made from another.
   *
   * @param old the larger one: its folder or tokenizer.json
   * @param small the smaller one
   * @throws InputException if {@code small} is not such a tokenizer
   */
  public static VocabularyCut between(Path old, Path small) {
    return between(VocabularyFiles.open(old), VocabularyFiles.open(small));
  }

  static VocabularyCut between(VocabularyFiles old, VocabularyFiles small) {
    var kept = new BitSet();
    old.ids().forEach((text, id) -> kept.set(id, small.ids().containsKey(text)));
    var cut = of(kept, old.size());
    differing(old, small, cut)
        .ifPresent(
            part -> {
              throw new InputException(
                  "%s is not %s with tokens removed: its %s differs; give the tokenizer of the"
                      + " model that was pruned, and that of the model it was pruned from",
                  small.file(), old.file(), part);
            });
    return cut;
  }

  private static Optional<String> differing(
      VocabularyFiles old, VocabularyFiles small, VocabularyCut cut) {
    for (var added : old.root().path("added_tokens")) {
      if (!cut.keeps(added.path("id").asInt())) {
        return Optional.of("added_tokens");
      }
    }
    var expected = new CutFiles(old, cut).tokenizer();
    return Stream.of("model", "added_tokens", "normalizer", "pre_tokenizer")
        .filter(part -> !expected.path(part).equals(small.root().path(part)))
        .findFirst();
  }

  /**
   * Into how many of the tokens that stay each token is split by the merges that make it: an
   * estimate of what a removed token costs, because the parts of a longer word may be merged with
   * its other tokens. {@link Recoding} gives the exact tokens of texts.
   *
   * @param tokenizerFolder the tokenizer that the cut was made for
   * @return by old id; 1 for tokens that stay, 0 for ids without a token
   */
  public int[] parts(Path tokenizerFolder) {
    var files = VocabularyFiles.open(tokenizerFolder);
    var parts = new int[files.size()];
    var split = new Split(files, this);
    files.ids().values().forEach(id -> parts[id] = split.of(id).length);
    return parts;
  }

  static VocabularyCut of(BitSet kept, int oldSize) {
    var newIds = new int[oldSize];
    Arrays.fill(newIds, REMOVED);
    var ids = kept.stream().toArray();
    for (int id = 0; id < ids.length; id++) {
      newIds[ids[id]] = id;
    }
    return new VocabularyCut(ids, newIds);
  }

  /** Number of tokens that stay. */
  public int size() {
    return kept.length;
  }

  /** Whether the token with this old id stays. */
  public boolean keeps(int id) {
    return id >= 0 && id < newIds.length && newIds[id] != REMOVED;
  }

  /** Whether {@code text} is a token that stays. */
  boolean keeps(VocabularyFiles files, String text) {
    var id = files.ids().get(text);
    return id != null && keeps(id);
  }

  /**
   * The new id.
   *
   * @throws InputException if the token was removed
   */
  int newId(int id, String where) {
    if (!keeps(id)) {
      throw new InputException(
          "%s names the token %d, which the cut of the vocabulary removes: keep it, or take the id"
              + " out of the file",
          where, id);
    }
    return newIds[id];
  }

  /**
   * Replaces the ids of tokens in a config.json or generation_config.json: {@code eos_token_id},
   * and whatever else ends in {@code _token_id}. Negative ones, which stand for none, stay.
   *
   * @param where the file, for messages
   * @throws InputException if it names a token that was removed
   */
  public void renumber(ObjectNode fields, String where) {
    TokenIds.replace(fields, where, id -> newId(id, where));
  }

  /**
   * Writes the files of the tokenizer with the new ids: tokenizer.json, tokenizer_config.json,
   * special_tokens_map.json, added_tokens.json, vocab.json, merges.txt, tokenizer.model,
   * generation_config.json and chat_template.jinja, those that exist. Other files, config.json too,
   * are left alone.
   *
   * @param fromFolder folder that the cut was made for
   * @param toFolder created if missing
   * @return what was left out and why, one sentence each; usually empty
   */
  public List<String> write(Path fromFolder, Path toFolder) {
    return new CutFiles(VocabularyFiles.open(fromFolder), this).write(toFolder);
  }
}
