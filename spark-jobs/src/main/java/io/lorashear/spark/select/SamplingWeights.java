package io.lorashear.spark.select;

import io.lorashear.InputException;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Share of every group (a source, or a bucket of its documents) in the next round's tokens.
 * LoRAShear (arXiv 2310.18356), section 3.4, says "prefer what has deviated, keep the rest in
 * balance" without a formula; the rule is Sheared-LLaMA's (arXiv 2310.06694, Algorithm 1) with a
 * floor.
 *
 * <pre>
 *   w_i ← w_i · exp(η Δ_i)
 *   w_i ← w_i / Σ_j w_j
 *   w_i ← (1 − c) w_i + c / n           no group below c/n
 * </pre>
 *
 * @param shares shares by group, each above 0, with the sum 1
 */
public record SamplingWeights(SortedMap<String, Double> shares) {

  /** DoReMi's smoothing (arXiv 2305.10429), which Sheared-LLaMA adopted. */
  private static final double SMOOTHING = 1e-4;

  public SamplingWeights {
    shares = Collections.unmodifiableSortedMap(new TreeMap<>(shares));
  }

  /** The same share for every group. */
  public static SamplingWeights uniform(Collection<String> sources) {
    return normalised(sources.stream().collect(Collectors.toMap(name -> name, name -> 1.0)));
  }

  /** Shares proportional to the sizes of the groups. */
  public static SamplingWeights proportional(Map<String, Long> tokens) {
    var sizes = new TreeMap<String, Double>();
    tokens.forEach((name, size) -> sizes.put(name, (double) size));
    return normalised(sizes);
  }

  /** Any positive numbers, scaled to sum to 1. */
  public static SamplingWeights normalised(Map<String, Double> masses) {
    var sorted = new TreeMap<>(masses);
    double sum = sorted.values().stream().mapToDouble(Double::doubleValue).sum();
    if (!(sum > 0)) {
      throw new InputException(
          "the sources %s are all empty: nothing can be drawn from them", sorted.keySet());
    }
    sorted.replaceAll((name, mass) -> mass / sum);
    return new SamplingWeights(sorted);
  }

  /**
   * The rule above.
   *
   * @param eta η, at least 0: how strongly a deviation counts
   * @param floor c in [0, 1]: share that is divided evenly
   */
  public SamplingWeights adapted(PerplexityDeviation deviation, double eta, double floor) {
    double greatest = shares.keySet().stream().mapToDouble(s -> of(deviation, s)).max().orElse(0);
    var masses = new TreeMap<>(shares);
    // the largest deviation is subtracted from every exponent, so that none overflows
    masses.replaceAll((name, w) -> w * Math.exp(eta * (of(deviation, name) - greatest)));
    var adapted = new TreeMap<>(normalised(masses).shares());
    adapted.replaceAll((name, w) -> (1 - floor) * w + floor / shares.size());
    return new SamplingWeights(adapted);
  }

  /**
   * Shares by what a token of each group recovered in the round before. Text of one group also
   * helps others, which this counts for them; the floor keeps measuring all.
   *
   * <pre>
   *   r_i = max(ℓ_i(before) − ℓ_i(after), 0) / s_i      s_i: sequences drawn from i in that round
   *   w_i ← (1 − c) r_i / Σ_j r_j + c / n               these weights if nothing recovered
   * </pre>
   *
   * @param gains ℓ_i(before) − ℓ_i(after) by group, in nats per token
   * @param drawn s_i by group; a group without any has r = 0
   * @param floor c in [0, 1]: share that is divided evenly
   */
  public SamplingWeights recovered(
      Map<String, Double> gains, Map<String, Long> drawn, double floor) {
    var rates = new TreeMap<>(shares);
    rates.replaceAll(
        (name, w) -> {
          long spent = drawn.getOrDefault(name, 0L);
          return spent == 0 ? 0 : Math.max(gains.getOrDefault(name, 0.0), 0) / spent;
        });
    if (rates.values().stream().allMatch(rate -> rate == 0)) {
      return this;
    }
    var recovered = new TreeMap<>(normalised(rates).shares());
    recovered.replaceAll((name, w) -> (1 - floor) * w + floor / shares.size());
    return new SamplingWeights(recovered);
  }

  /**
   * Sheared-LLaMA's dynamic batch loading: the rule above as in its code, with η = 1 and c = 1e-4,
   * and Δ not clipped at 0 (unlike the paper's Algorithm 1): a group better than its reference
   * loses weight.
   */
  public SamplingWeights loaded(PerplexityDeviation signed) {
    return adapted(signed, 1, SMOOTHING);
  }

  /** Share of one group; 0 if it is not among these. */
  public double of(String source) {
    return shares.getOrDefault(source, 0.0);
  }

  private static double of(PerplexityDeviation deviation, String source) {
    var found = deviation.byGroup().get(source);
    if (found == null) {
      throw new InputException(
          "the loss reports say nothing about %s: run perplexity on a corpus that has it", source);
    }
    return found;
  }

  /**
   * Divides {@code total} by weight into whole numbers that sum to it: every group gets the integer
   * part, and the groups with the largest remainders get one more (among equals the first by name).
   */
  public SortedMap<String, Long> quotas(long total) {
    var quotas = new TreeMap<String, Long>();
    shares.forEach((name, share) -> quotas.put(name, (long) Math.floor(share * total)));
    long left = total - quotas.values().stream().mapToLong(Long::longValue).sum();
    shares.keySet().stream()
        .sorted(
            (a, b) -> {
              int byRemainder = Double.compare(remainder(b, total), remainder(a, total));
              return byRemainder != 0 ? byRemainder : a.compareTo(b);
            })
        .limit(left)
        .forEach(name -> quotas.merge(name, 1L, Long::sum));
    return quotas;
  }

  private double remainder(String source, long total) {
    double exact = of(source) * total;
    return exact - Math.floor(exact);
  }
}
