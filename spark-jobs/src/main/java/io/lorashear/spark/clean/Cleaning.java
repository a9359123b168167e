package io.lorashear.spark.clean;

import io.lorashear.spark.source.Document;
import java.io.Serializable;
import java.util.List;

/** The rules, in the order they are applied; after the first that drops a document, none. */
public final class Cleaning implements Serializable {
  private static final long serialVersionUID = 1;
  private final int blockTokens;
  private final TokenCounter counter;
  private final List<CleaningRule> rules;

  public Cleaning(CleaningSettings settings, TokenCounter counter) {
    this.counter = counter;
    blockTokens = settings.blockTokens();
    rules =
        List.of(
            new IrregularCharacters(settings.irregularShare()),
            new ShortParagraphs(settings.paragraphTokens(), counter),
            new NothingLeft());
  }

  /** What is left of {@code document}, or why it goes. */
  public Draft clean(Document document) {
    var paragraphs = Paragraphs.of(document, blockTokens, counter);
    var draft = Draft.of(document.kind(), paragraphs, document.response());
    for (var rule : rules) {
      draft = draft.reason().isPresent() ? draft : rule.apply(draft);
    }
    return draft;
  }
}
