package io.lorashear.spark.tokenize;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * Passages that are only used for validation and never trained on.
 *
 * @param share share of the passages that are drawn for validation
 * @param exclude training paragraphs that share this many consecutive words with a validation
 *     passage of any source are left out; 0: none
 */
public record ValidationSettings(@Default("0.05") double share, @Default("50") int exclude) {

  void check(Problems problems) {
    problems.require(
        share > 0 && share < 1,
        "share",
        "is %s: give a share of the text between 0 and 1, for example 0.05",
        share);
    problems.require(
        exclude == 0 || exclude >= 10,
        "exclude",
        "is %d: fewer than 10 words in a row are common by chance; give 10 or more, for"
            + " example 50, or 0 to leave nothing out",
        exclude);
  }
}
