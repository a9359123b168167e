package io.lorashear.spark.select;

import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.LossReport.SourceLoss;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Rise of the loss of every group (a source, or a bucket of its documents): LoRAShear (arXiv
 * 2310.18356), section 3.4; as a difference of losses after Sheared-LLaMA (arXiv 2310.06694),
 * Algorithm 1, with the dense model as the reference.
 *
 * <pre>
 *   Δ_i = max(ℓ_i(M*) − ℓ_i(M), 0)       ℓ: negative log-likelihood of a token, in nats
 * </pre>
 *
 * So exp(Δ) is the factor by which perplexity rose.
 *
 * @param byGroup Δ
 */
public record PerplexityDeviation(SortedMap<String, Double> byGroup) {

  public PerplexityDeviation {
    byGroup = Collections.unmodifiableSortedMap(new TreeMap<>(byGroup));
  }

  /**
   * The deviation by source.
   *
   * @throws io.lorashear.InputException if the two reports are not about the same rows
   */
  public static PerplexityDeviation of(LossReport dense, LossReport pruned) {
    dense.requireSameRows(pruned);
    return of(means(dense), means(pruned));
  }

  /**
   * The rule above; the deviation of a group without a reference is 0.
   *
   * @param reference ℓ(M) by group
   * @param losses ℓ(M*) by group
   */
  public static PerplexityDeviation of(Map<String, Double> reference, Map<String, Double> losses) {
    var deviations = new TreeMap<>(signed(reference, losses).byGroup());
    deviations.replaceAll((name, deviation) -> Math.max(deviation, 0));
    return new PerplexityDeviation(deviations);
  }

  /**
   * Without clipping at 0: groups that are better than their reference have a negative deviation.
   */
  public static PerplexityDeviation signed(
      Map<String, Double> reference, Map<String, Double> losses) {
    var deviations = new TreeMap<String, Double>();
    losses.forEach((name, loss) -> deviations.put(name, loss - reference.getOrDefault(name, loss)));
    return new PerplexityDeviation(deviations);
  }

  /** Mean loss per token by source. */
  public static SortedMap<String, Double> means(LossReport report) {
    var means = new TreeMap<String, Double>();
    for (SourceLoss source : report.sources()) {
      means.put(source.source(), source.mean());
    }
    return means;
  }
}
