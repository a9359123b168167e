package io.lorashear.spark.clean;

import io.lorashear.tokenizer.Tokenizer;

/** Counts tokens by a model's tokenizer, which is sent with the tasks; each JVM opens it once. */
public final class ModelTokens implements TokenCounter {
  private static final long serialVersionUID = 1;
  private final String sha256;
  private final byte[] json;

  public ModelTokens(Tokenizer tokenizer) {
    this.sha256 = tokenizer.sha256();
    this.json = tokenizer.json();
  }

  @Override
  public int count(String text) {
    return open().count(text);
  }

  @Override
  public boolean exceeds(String text, int limit) {
    return open().exceeds(text, limit);
  }

  private Tokenizer open() {
    return Tokenizer.shared(sha256, () -> json);
  }
}
