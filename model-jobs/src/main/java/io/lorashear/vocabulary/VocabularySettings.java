package io.lorashear.vocabulary;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * Whether tokens are removed, and how many.
 *
 * @param enabled whether the rarest tokens lose their rows of embedding and head before the body is
 *     pruned; what they had counts towards the ratio
 * @param tokens maximum share of the corpus's tokens that the removed ones hold; 0 removes only
 *     tokens that never occur
 */
public record VocabularySettings(
    @Default("false") boolean enabled, @Default("0.0015") double tokens) {

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(
        tokens >= 0 && tokens < 1,
        "tokens",
        "is %s: give the share of the corpus's tokens that removed ones may hold, from 0 to below"
            + " 1, for example 0.0015",
        tokens);
  }
}
