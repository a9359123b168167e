package io.lorashear.tokenizer;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The tokens that a removed token leaves behind: the two of its last merge; where one of them was
 * removed, its two; and characters or bytes in the end.
 *
 * <pre>
 *   there, removed  →  the | re      the, removed, too  →  th | e | re
 * </pre>
 *
 * <p>This is what the smaller vocabulary makes of the token by itself if only its last merge is
 * gone. If parts are gone, other merges may come about: of {@code th e re}, {@code e re} may be a
 * token.
 */
final class Split {
  private final VocabularyCut cut;
  private final Derivations derivations;
  private final String[] texts;
  private final Map<String, Integer> characters = new HashMap<>();

  /** For a cut of the vocabulary of {@code files}. */
  Split(VocabularyFiles files, VocabularyCut cut) {
    this.cut = cut;
    derivations = files.derivations();
    texts = new String[files.size()];
    files
        .ids()
        .forEach(
            (text, id) -> {
              texts[id] = text;
              if (cut.keeps(id)) {
                characters.put(text, cut.newIds()[id]);
              }
            });
  }

  /** New ids of the token with this old id. */
  int[] of(int id) {
    if (cut.keeps(id)) {
      return new int[] {cut.newIds()[id]};
    }
    var parts = derivations.parts(id);
    return parts.length == 0
        ? Derivations.symbols(texts[id], characters, true)
        : IntStream.concat(IntStream.of(of(parts[0])), IntStream.of(of(parts[1]))).toArray();
  }
}
