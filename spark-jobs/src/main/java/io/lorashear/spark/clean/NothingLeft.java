package io.lorashear.spark.clean;

import io.lorashear.spark.source.Kind;

/** Drops documents without remaining text, and instructions without an answer. */
record NothingLeft() implements CleaningRule {
  private static final long serialVersionUID = 1;

  @Override
  public String reason() {
    return Cleaning.NOTHING_LEFT;
  }

  @Override
  public Draft apply(Draft draft) {
    var answered = draft.kind() != Kind.INSTRUCTION || !draft.response().isBlank();
    if (!answered) {
      return draft.dropped(reason(), "the answer is empty");
    }
    return draft.isBlank() ? draft.dropped(reason(), gone(draft)) : draft;
  }

  private static String gone(Draft draft) {
    return draft.removed().isEmpty()
        ? "there is no text"
        : "of its paragraphs none is left: " + draft.removed();
  }
}
