package io.lorashear.spark.clean;

import io.lorashear.spark.overlap.Words;
import io.lorashear.spark.source.Kind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Drops documents that repeat themselves (MassiveText's repetition removal: Rae et al., arXiv
 * 2112.11446, appendix A.1.1, table A1):
 *
 * <pre>
 *   repeated lines or paragraphs / all of them, and the same in characters
 *   characters of the commonest 2, 3, 4-gram  / all characters
 *   characters of repeated 5 … 10-grams, each character once / all characters
 * </pre>
 *
 * Instructions are exempt. Only the first 100,000 words of a book are examined, because MassiveText
 * has no longer documents.
 */
record Repetition(RepetitionSettings settings) implements CleaningRule {
  private static final long serialVersionUID = 1;
  private static final Pattern SPACE = Pattern.compile("\\s+");
  private static final int MOST_WORDS = 100_000;
  private static final int FIRST_TOP = 2;
  private static final int FIRST_REPEATED = 5;

  @Override
  public String reason() {
    return "repetition";
  }

  @Override
  public Draft apply(Draft draft) {
    if (draft.kind() == Kind.INSTRUCTION || draft.text().isBlank()) {
      return draft;
    }
    return tooMuch(draft).map(detail -> draft.dropped(reason(), detail)).orElse(draft);
  }

  private Optional<String> tooMuch(Draft draft) {
    var lines = draft.text().lines().filter(line -> !line.isBlank()).map(String::strip).toList();
    return before("lines", lines, settings.lines(), settings.lineCharacters())
        .or(
            () ->
                before(
                    "paragraphs",
                    draft.paragraphs(),
                    settings.paragraphs(),
                    settings.paragraphCharacters()))
        .or(() -> runs(SPACE.splitAsStream(draft.text().strip()).limit(MOST_WORDS).toList()));
  }

  private static Optional<String> before(
      String what, List<String> pieces, double most, double mostCharacters) {
    var seen = new HashSet<String>();
    var again = pieces.stream().filter(piece -> !seen.add(piece)).toList();
    var share = (double) again.size() / pieces.size();
    var characters = (double) characters(again) / characters(pieces);
    if (share > most) {
      return detail(
          "%s that came before are %.2f of all lines or paragraphs, more than %.2f: \"%s\"",
          what, share, most, again.get(0));
    } else if (characters > mostCharacters) {
      return detail(
          "%s that came before have %.2f of the characters, more than %.2f: \"%s\"",
          what, characters, mostCharacters, again.get(0));
    }
    return Optional.empty();
  }

  private static long characters(List<String> pieces) {
    return pieces.stream().mapToLong(String::length).sum();
  }

  private Optional<String> runs(List<String> words) {
    var hashes = Words.ofTokens(words);
    var all = (double) characters(words);
    for (var i = 0; i < settings.top().size(); i++) {
      var n = FIRST_TOP + i;
      var found = commonest(words, hashes.grams(n), n);
      var most = settings.top().get(i);
      if (found.characters() / all > most) {
        return detail(
            "the commonest %s words in a row have %.2f of the characters, more than %.2f: \"%s\"",
            String.valueOf(n), found.characters() / all, most, found.text());
      }
    }
    for (var i = 0; i < settings.repeated().size(); i++) {
      var n = FIRST_REPEATED + i;
      var found = repeated(words, hashes.grams(n), n);
      var most = settings.repeated().get(i);
      if (found.characters() / all > most) {
        return detail(
            "%s words in a row that came before have %.2f of the characters, more than %.2f:"
                + " \"%s\"",
            String.valueOf(n), found.characters() / all, most, found.text());
      }
    }
    return Optional.empty();
  }

  /** Number of characters of some runs, and one of the runs as an example. */
  private record Runs(long characters, String text) {}

  /** The longest of the most frequent runs that occur more than once. */
  private static Runs commonest(List<String> words, long[] grams, int n) {
    var counts = new HashMap<Long, Integer>();
    for (var gram : grams) {
      counts.merge(gram, 1, Integer::sum);
    }
    var best = new Runs(0, "");
    var most = counts.values().stream().mapToInt(count -> count).max().orElse(0);
    for (var i = 0; most > 1 && i < grams.length; i++) {
      if (counts.getOrDefault(grams[i], 0) == most) {
        var run = words.subList(i, i + n);
        var characters = most * characters(run);
        best = characters > best.characters() ? new Runs(characters, String.join(" ", run)) : best;
      }
    }
    return best;
  }

  private static Runs repeated(List<String> words, long[] grams, int n) {
    var seen = new HashSet<Long>();
    var characters = 0L;
    var text = "";
    for (var i = 0; i < grams.length; i++) {
      if (!seen.add(grams[i])) {
        var run = words.subList(i, i + n);
        characters += characters(run);
        text = text.isEmpty() ? String.join(" ", run) : text;
        i += n - 1;
      }
    }
    return new Runs(characters, text);
  }

  private static Optional<String> detail(
      String format, String what, double share, double most, String example) {
    var shown = example.length() > 60 ? example.substring(0, 60) + "…" : example;
    return Optional.of(format.formatted(what, share, most, shown));
  }
}
