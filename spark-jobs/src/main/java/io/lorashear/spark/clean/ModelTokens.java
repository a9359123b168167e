package io.lorashear.spark.clean;

import io.lorashear.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Tokens of a model's own tokenizer, of which each JVM opens one. */
public final class ModelTokens implements TokenCounter {
  private static final long serialVersionUID = 1;
  private final String tokenizer;

  /** Counts with the {@code tokenizer.json} at {@code tokenizer}, or in the folder it is. */
  public ModelTokens(Path tokenizer) {
    this.tokenizer = tokenizer.toAbsolutePath().toString();
  }

  @Override
  public int count(String text) {
    return Tokenizer.shared(Path.of(tokenizer)).encode(text).length;
  }

  /** A token has at least one byte, so that very short texts need no counting. */
  @Override
  public boolean exceeds(String text, int limit) {
    return text.getBytes(StandardCharsets.UTF_8).length > limit && count(text) > limit;
  }
}
