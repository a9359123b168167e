package io.lorashear.spark.clean;

import io.lorashear.spark.source.Document;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** Applies the rules in order and stops at the first rule that drops the document. */
public final class Cleaning implements Serializable {
  /** Reason of paragraphs that are removed because they have few tokens. */
  public static final String SHORT_PARAGRAPH = "short-paragraph";

  /** Reason of documents that are dropped because the rules left nothing of them. */
  public static final String NOTHING_LEFT = "nothing-left";

  private static final long serialVersionUID = 1;
  private final int blockTokens;
  private final TokenCounter counter;
  private final List<CleaningRule> rules;

  public Cleaning(CleaningSettings settings, TokenCounter counter) {
    this.counter = counter;
    blockTokens = settings.blockTokens();
    rules = rules(settings, counter);
  }

  private static List<CleaningRule> rules(CleaningSettings settings, TokenCounter counter) {
    var rules = new ArrayList<CleaningRule>();
    if (settings.repairEncoding()) {
      rules.add(new EncodingRepair());
    }
    rules.add(new IrregularCharacters(settings.irregularShare()));
    if (settings.language().enabled()) {
      rules.add(new OtherLanguage(settings.language()));
    }
    if (settings.boilerplate().enabled()) {
      rules.add(new Boilerplate(settings.boilerplate()));
    }
    if (settings.paragraphTokens() > 0) {
      rules.add(new ShortParagraphs(settings.paragraphTokens(), counter));
    }
    if (settings.symbols().enabled()) {
      rules.add(new SymbolRatio(settings.symbols()));
    }
    if (settings.repetition().enabled()) {
      rules.add(new Repetition(settings.repetition()));
    }
    rules.add(new NothingLeft());
    return List.copyOf(rules);
  }

  /** The cleaned {@code document}, or the reason for dropping it. */
  public Draft clean(Document document) {
    var paragraphs = Paragraphs.of(document, blockTokens, counter);
    var draft = Draft.of(document.kind(), paragraphs, document.response());
    for (var rule : rules) {
      draft = draft.drop().isPresent() ? draft : rule.apply(draft);
    }
    return draft;
  }
}
