package io.lorashear.evaluate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Perplexity of a text.
 *
 * <pre>
 *   perplexity of a unit = exp(−Σ log p / Σ units)      units: tokens, words, bytes
 *   bits a byte          = −Σ log p / Σ bytes / ln 2
 * </pre>
 *
 * Words and bytes are those of the text as published, so that figures do not depend on the
 * tokenizer.
 */
public record TextResult(String name, TextSettings settings, List<Scored> documents) {

  /**
   * One document.
   *
   * @param tokens that were predicted
   * @param logLikelihood their log-likelihood, in nats
   */
  public record Scored(long words, long bytes, long tokens, double logLikelihood) {
    /** One line of the log. */
    ObjectNode json(int index) {
      var line = JsonNodeFactory.instance.objectNode().put("doc_id", index);
      line.putArray("resps").addArray().add(Double.toString(logLikelihood));
      line.putArray("filtered_resps").add(Double.toString(logLikelihood));
      return line.put("filter", "none")
          .put("words", words)
          .put("bytes", bytes)
          .put("tokens", tokens);
    }
  }

  public TextResult {
    documents = List.copyOf(documents);
  }

  public double tokenPerplexity() {
    return Math.exp(-sum(Scored::logLikelihood) / sum(Scored::tokens));
  }

  public double wordPerplexity() {
    return Math.exp(-sum(Scored::logLikelihood) / sum(Scored::words));
  }

  public double bytePerplexity() {
    return Math.exp(-sum(Scored::logLikelihood) / sum(Scored::bytes));
  }

  public double bitsPerByte() {
    return -sum(Scored::logLikelihood) / sum(Scored::bytes) / Math.log(2);
  }

  /** Number of predicted tokens. */
  public long tokens() {
    return (long) sum(Scored::tokens);
  }

  private double sum(ToDoubleFunction<Scored> value) {
    return documents.stream().mapToDouble(value).sum();
  }
}
