package io.lorashear.plan;

import java.util.OptionalLong;

/**
 * The tokens that only go through a forward pass.
 *
 * @param scored number of tokens whose losses are computed; empty if unknown before the run
 * @param looking passes that observe what matrices read
 */
public record Forward(OptionalLong scored, Looking looking) {
  /** No tokens. */
  static final Forward NOTHING = scored(0);

  /** Tokens that are scored. */
  static Forward scored(long tokens) {
    return new Forward(OptionalLong.of(tokens), Looking.NONE);
  }

  /** Rows in which only the inputs of matrices are observed. */
  static Forward of(Looking looking) {
    return new Forward(OptionalLong.of(0), looking);
  }

  /** Number of tokens that are scored or observed, as far as known. */
  double tokens() {
    return scored.orElse(0) + (double) looking.tokens();
  }
}
