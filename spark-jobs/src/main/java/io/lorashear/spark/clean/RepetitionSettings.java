package io.lorashear.spark.clean;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.io.Serializable;
import java.util.List;

/**
 * How much of a document may repeat itself. The defaults are those of MassiveText (Rae et al.,
 * arXiv 2112.11446, table A1).
 *
 * @param enabled whether the rule is applied
 * @param lines maximum share of lines that repeat an earlier one
 * @param paragraphs maximum share of paragraphs that repeat an earlier one
 * @param lineCharacters maximum share of characters in lines that repeat an earlier one
 * @param paragraphCharacters maximum share of characters in paragraphs that repeat an earlier one
 * @param top maximum share of characters in the most common run of 2, 3 and 4 words
 * @param repeated maximum share of characters in repeated runs of 5, 6, … 10 words
 */
public record RepetitionSettings(
    @Default("false") boolean enabled,
    @Default("0.30") double lines,
    @Default("0.30") double paragraphs,
    @Default("0.20") double lineCharacters,
    @Default("0.20") double paragraphCharacters,
    @Default("[0.20, 0.18, 0.16]") List<Double> top,
    @Default("[0.15, 0.14, 0.13, 0.12, 0.11, 0.10]") List<Double> repeated)
    implements Serializable {
  private static final long serialVersionUID = 1;

  /** MassiveText's figures, with the rule off. */
  static final RepetitionSettings OFF = massiveText(false);

  static RepetitionSettings massiveText(boolean enabled) {
    return new RepetitionSettings(
        enabled,
        0.30,
        0.30,
        0.20,
        0.20,
        List.of(0.20, 0.18, 0.16),
        List.of(0.15, 0.14, 0.13, 0.12, 0.11, 0.10));
  }

  void check(Problems problems) {
    problems.require(
        top.size() <= 3, "top", "has %d shares: give those of 2, 3 and 4 words", top.size());
    problems.require(
        repeated.size() <= 6,
        "repeated",
        "has %d shares: give those of 5, 6, 7, 8, 9 and 10 words",
        repeated.size());
  }
}
