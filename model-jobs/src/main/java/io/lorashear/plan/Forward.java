package io.lorashear.plan;

import java.util.OptionalLong;

/**
 * What goes through a model forward alone.
 *
 * @param scored tokens whose losses are taken; empty where nobody knows before it runs
 * @param looking what is looked at on the way
 */
public record Forward(OptionalLong scored, Looking looking) {
  /** Nothing does. */
  static final Forward NOTHING = scored(0);

  /** Tokens that are scored. */
  static Forward scored(long tokens) {
    return new Forward(OptionalLong.of(tokens), Looking.NONE);
  }

  /** Rows that are only looked at. */
  static Forward of(Looking looking) {
    return new Forward(OptionalLong.of(0), looking);
  }

  /** Tokens that are scored or looked at, as far as they are known. */
  double tokens() {
    return scored.orElse(0) + (double) looking.tokens();
  }
}
