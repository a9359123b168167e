package io.lorashear.spark.clean;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.io.Serializable;

/**
 * The language of the documents that are kept.
 *
 * @param enabled whether the rule is applied
 * @param language its ISO 639-1 code
 * @param least documents with a smaller share of common words of that language are dropped
 */
public record LanguageSettings(
    @Default("false") boolean enabled, @Default("en") String language, @Default("0.1") double least)
    implements Serializable {
  private static final long serialVersionUID = 1;

  /** The rule is off. */
  static final LanguageSettings OFF = new LanguageSettings(false, "en", 0.1);

  void check(Problems problems) {
    problems.require(
        CommonWords.all().languages().contains(language),
        "language",
        "is %s: known are %s",
        language,
        String.join(", ", CommonWords.all().languages()));
    problems.require(
        least >= 0 && least <= 1, "least", "is %s: give a share between 0 and 1", least);
  }
}
