package io.lorashear.spark.clean;

import io.lorashear.spark.source.Kind;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Drops documents in another language, recognised by its commonest words: Gopher's stop-word rule
 * (Rae et al., arXiv 2112.11446, appendix A.1.1) with the words of twenty languages. Instructions,
 * which may contain other languages, and texts of fewer than twenty words are exempt.
 */
record OtherLanguage(LanguageSettings settings) implements CleaningRule {
  private static final long serialVersionUID = 1;
  private static final Pattern WORD = Pattern.compile("\\p{L}+");
  private static final int FEWEST_WORDS = 20;

  /** Number of words that suffice to recognise a book's language. */
  private static final int MOST_WORDS = 20_000;

  @Override
  public String reason() {
    return "other-language";
  }

  @Override
  public Draft apply(Draft draft) {
    var words = words(draft);
    if (draft.kind() == Kind.INSTRUCTION || words.size() < FEWEST_WORDS) {
      return draft;
    }
    var shares = CommonWords.all().shares(words);
    var wanted = shares.getOrDefault(settings.language(), 0.0);
    var best = Collections.max(shares.entrySet(), Map.Entry.comparingByValue());
    if (wanted >= best.getValue() && wanted >= settings.least()) {
      return draft;
    }
    return draft.dropped(
        reason(),
        "%.2f of its words are common in %s, %.2f in %s"
            .formatted(wanted, settings.language(), best.getValue(), best.getKey()));
  }

  private static List<String> words(Draft draft) {
    return draft.paragraphs().stream()
        .flatMap(paragraph -> WORD.matcher(paragraph).results())
        .limit(MOST_WORDS)
        .map(match -> match.group().toLowerCase(Locale.ROOT))
        .toList();
  }
}
