package io.lorashear.spark.clean;

import java.io.Serializable;

/**
 * Counts tokens of the model the corpus is for. Travels to the executors; holds no native handle.
 */
@FunctionalInterface
public interface TokenCounter extends Serializable {
  /** Tokens of {@code text}, without special tokens. */
  int count(String text);

  /** Whether {@code text} has more than {@code limit} tokens. */
  default boolean exceeds(String text, int limit) {
    return count(text) > limit;
  }
}
