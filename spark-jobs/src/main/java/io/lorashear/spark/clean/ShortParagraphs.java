package io.lorashear.spark.clean;

import io.lorashear.spark.source.Kind;

/**
 * Keeps paragraphs of more than {@code tokens} tokens (LoRAShear, section 3.4: 64). Instructions
 * are exempt, because most would be dropped.
 */
record ShortParagraphs(int tokens, TokenCounter counter) implements CleaningRule {
  private static final long serialVersionUID = 1;

  @Override
  public String reason() {
    return Cleaning.SHORT_PARAGRAPH;
  }

  @Override
  public Draft apply(Draft draft) {
    return draft.kind() == Kind.INSTRUCTION
        ? draft
        : draft.keeping(paragraph -> counter.exceeds(paragraph, tokens), reason());
  }
}
