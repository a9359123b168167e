package io.lorashear.spark.clean;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.io.Serializable;

/**
 * How much of a document may be symbols. The defaults are those of MassiveText (Rae et al., arXiv
 * 2112.11446, appendix A.1.1).
 *
 * @param enabled whether the rule is applied
 * @param symbols maximum number of hash signs, and of ellipses, for each word
 * @param alphabetic minimum share of words that have a letter
 * @param bullets maximum share of lines that begin with a bullet
 * @param ellipses maximum share of lines that end with an ellipsis
 */
public record SymbolSettings(
    @Default("false") boolean enabled,
    @Default("0.1") double symbols,
    @Default("0.8") double alphabetic,
    @Default("0.9") double bullets,
    @Default("0.3") double ellipses)
    implements Serializable {
  private static final long serialVersionUID = 1;

  /** The rule is off. */
  static final SymbolSettings OFF = massiveText(false);

  static SymbolSettings massiveText(boolean enabled) {
    return new SymbolSettings(enabled, 0.1, 0.8, 0.9, 0.3);
  }

  void check(Problems problems) {
    problems.require(
        alphabetic >= 0 && alphabetic <= 1,
        "alphabetic",
        "is %s: give a share between 0 and 1",
        alphabetic);
  }
}
