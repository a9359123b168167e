package io.lorashear.spark.select;

import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.LossReport.SourceLoss;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much a source has lost: LoRAShear (arXiv 2310.18356), section 3.4, per source; as a
 * difference of losses after Sheared-LLaMA (arXiv 2310.06694), Algorithm 1, with the dense model as
 * the reference.
 *
 * <pre>
 *   Δ_i = max(ℓ_i(M*) − ℓ_i(M), 0)       ℓ: negative log-likelihood of a token, in nats
 * </pre>
 *
 * So exp(Δ) is the factor by which perplexity rose.
 *
 * @param bySource Δ, at least 0
 */
public record PerplexityDeviation(SortedMap<String, Double> bySource) {

  public PerplexityDeviation {
    bySource = Collections.unmodifiableSortedMap(new TreeMap<>(bySource));
  }

  /**
   * @throws io.lorashear.InputException if the two reports are not about the same rows
   */
  public static PerplexityDeviation of(LossReport dense, LossReport pruned) {
    dense.requireSameRows(pruned);
    var reference = means(dense);
    var deviations = new TreeMap<String, Double>();
    means(pruned).forEach((name, loss) -> deviations.put(name, above(reference, name, loss)));
    return new PerplexityDeviation(deviations);
  }

  private static double above(SortedMap<String, Double> reference, String source, double loss) {
    double dense = reference.getOrDefault(source, loss);
    return Math.max(loss - dense, 0);
  }

  private static SortedMap<String, Double> means(LossReport report) {
    var means = new TreeMap<String, Double>();
    for (SourceLoss source : report.sources()) {
      means.put(source.source(), source.mean());
    }
    return means;
  }
}
