package io.lorashear.spark.clean;

import java.io.Serializable;

/**
 * Counts tokens of the corpus's model. It is sent to the executors and contains no native handle.
 */
@FunctionalInterface
public interface TokenCounter extends Serializable {
  /** Number of tokens of {@code text}, without special tokens. */
  int count(String text);

  /** Whether {@code text} has more than {@code limit} tokens. */
  default boolean exceeds(String text, int limit) {
    return count(text) > limit;
  }
}
