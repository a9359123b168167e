package io.lorashear.spark.tokenize;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * What only measures and never trains.
 *
 * @param share of the passages
 * @param exclude a paragraph of training text that has so many words in a row in common with a
 *     passage of validation is left out, whatever source each comes from; 0 leaves none out
 */
public record ValidationSettings(@Default("0.05") double share, @Default("50") int exclude) {

  void check(Problems problems) {
    problems.require(
        share > 0 && share < 1,
        "share is %s: give a share of the text between 0 and 1, for example 0.05",
        share);
    problems.require(
        exclude == 0 || exclude >= 10,
        "exclude is %d: fewer than 10 words in a row are common by chance; give 10 or more, for"
            + " example 50, or 0 to leave nothing out",
        exclude);
  }
}
