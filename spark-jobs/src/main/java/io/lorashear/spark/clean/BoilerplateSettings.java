package io.lorashear.spark.clean;

import io.lorashear.settings.Default;
import java.io.Serializable;
import java.util.List;

/**
 * Lines that belong to a page and not to its text. The defaults are those of C4 (Raffel et al.,
 * arXiv 1910.10683, section 2.2, and its published code).
 *
 * @param enabled whether the rule is applied
 * @param lines lines with one of these phrases are removed
 * @param documents documents with one of these phrases are dropped
 */
public record BoilerplateSettings(
    @Default("false") boolean enabled,
    @Default(
            "[javascript, terms of use, privacy policy, cookie policy, uses cookies, use of"
                + " cookies, use cookies]")
        List<String> lines,
    @Default("[lorem ipsum]") List<String> documents)
    implements Serializable {
  private static final long serialVersionUID = 1;

  /** The rule is off. */
  static final BoilerplateSettings OFF = c4(false);

  static BoilerplateSettings c4(boolean enabled) {
    return new BoilerplateSettings(
        enabled,
        List.of(
            "javascript",
            "terms of use",
            "privacy policy",
            "cookie policy",
            "uses cookies",
            "use of cookies",
            "use cookies"),
        List.of("lorem ipsum"));
  }
}
