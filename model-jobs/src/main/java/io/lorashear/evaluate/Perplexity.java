package io.lorashear.evaluate;

import java.util.Arrays;
import java.util.List;

/**
 * How surprised a model is, rows weighing the same.
 *
 * <pre>
 *   perplexity = exp( mean over rows of ( mean over the row's tokens of −log p ))
 * </pre>
 *
 * @param rowMeans mean negative log-likelihood of each row, in nats
 */
public record Perplexity(List<Double> rowMeans) {

  public Perplexity {
    rowMeans = List.copyOf(rowMeans);
  }

  /** Of {@link Scorer#tokenLosses}' result. */
  public static Perplexity of(double[][] tokenLosses) {
    return new Perplexity(
        Arrays.stream(tokenLosses)
            .map(row -> Arrays.stream(row).average().orElse(Double.NaN))
            .toList());
  }

  /** Mean of the rows' means, in nats; not a number where there is no row. */
  public double meanLoss() {
    return rowMeans.stream().mapToDouble(mean -> mean).average().orElse(Double.NaN);
  }

  /** From 1 to infinity. */
  public double value() {
    return Math.exp(meanLoss());
  }
}
