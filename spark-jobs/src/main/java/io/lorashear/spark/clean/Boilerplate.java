package io.lorashear.spark.clean;

import io.lorashear.spark.source.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Removes lines about scripts, cookies and terms, and drops pages of placeholder text (C4: Raffel
 * et al., arXiv 1910.10683, section 2.2). Applies to prose only, because books and instructions may
 * legitimately contain such lines.
 */
record Boilerplate(BoilerplateSettings settings) implements CleaningRule {
  private static final long serialVersionUID = 1;

  @Override
  public String reason() {
    return "boilerplate";
  }

  @Override
  public Draft apply(Draft draft) {
    if (draft.kind() != Kind.TEXT) {
      return draft;
    }
    return phrase(draft.text(), settings.documents())
        .map(phrase -> draft.dropped(reason(), "holds \"%s\"".formatted(phrase)))
        .orElseGet(() -> draft.reduced(this::withoutLines, reason()));
  }

  private String withoutLines(String paragraph) {
    if (phrase(paragraph, settings.lines()).isEmpty()) {
      return paragraph;
    }
    return paragraph
        .lines()
        .filter(line -> phrase(line, settings.lines()).isEmpty())
        .collect(Collectors.joining("\n"));
  }

  private static Optional<String> phrase(String text, List<String> phrases) {
    var lower = text.toLowerCase(Locale.ROOT);
    return phrases.stream()
        .filter(phrase -> lower.contains(phrase.toLowerCase(Locale.ROOT)))
        .findFirst();
  }
}
