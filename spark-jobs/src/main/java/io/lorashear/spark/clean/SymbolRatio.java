package io.lorashear.spark.clean;

import io.lorashear.spark.source.Kind;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Drops documents with more symbols than words (MassiveText's quality filter: Rae et al., arXiv
 * 2112.11446, appendix A.1.1):
 *
 * <pre>
 *   # / words ≤ 0.1      … / words ≤ 0.1      words with a letter / words ≥ 0.8
 *   lines from a bullet on / lines ≤ 0.9      lines up to an ellipsis / lines ≤ 0.3
 * </pre>
 *
 * Applies to prose only.
 */
record SymbolRatio(SymbolSettings settings) implements CleaningRule {
  private static final long serialVersionUID = 1;
  private static final Pattern SPACE = Pattern.compile("\\s+");
  private static final Pattern ELLIPSIS = Pattern.compile("\\.\\.\\.|…");
  private static final Pattern HASH = Pattern.compile("#");
  private static final Pattern BULLET = Pattern.compile("^[-*•‣▪●◦–—]\\s.*");
  private static final Pattern OPEN_END = Pattern.compile(".*(?:\\.\\.\\.|…)$");

  @Override
  public String reason() {
    return "symbols";
  }

  @Override
  public Draft apply(Draft draft) {
    var text = draft.text().strip();
    return draft.kind() != Kind.TEXT || text.isEmpty()
        ? draft
        : tooMany(text).map(detail -> draft.dropped(reason(), detail)).orElse(draft);
  }

  private Optional<String> tooMany(String text) {
    var words = SPACE.splitAsStream(text).toList();
    var lines = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    var count = (double) words.size();
    return above(
            HASH.matcher(text).results().count() / count, settings.symbols(), "hash signs a word")
        .or(
            () ->
                above(
                    ELLIPSIS.matcher(text).results().count() / count,
                    settings.symbols(),
                    "ellipses a word"))
        .or(
            () ->
                above(
                    share(words, word -> word.codePoints().noneMatch(Character::isLetter)),
                    1 - settings.alphabetic(),
                    "of the words have no letter"))
        .or(
            () ->
                above(
                    share(lines, BULLET.asMatchPredicate()),
                    settings.bullets(),
                    "of the lines begin with a bullet"))
        .or(
            () ->
                above(
                    share(lines, OPEN_END.asMatchPredicate()),
                    settings.ellipses(),
                    "of the lines end with an ellipsis"));
  }

  private static double share(List<String> pieces, Predicate<String> which) {
    return (double) pieces.stream().filter(which).count() / pieces.size();
  }

  private static Optional<String> above(double share, double most, String what) {
    return share > most + 1e-9
        ? Optional.of("%.2f %s, more than %.2f".formatted(share, what, most))
        : Optional.empty();
  }
}
