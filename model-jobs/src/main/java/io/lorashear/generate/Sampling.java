package io.lorashear.generate;

import java.util.Arrays;
import java.util.Comparator;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Rule for choosing the next token (nucleus sampling, arXiv 1904.09751).
 *
 * <pre>
 *   p_i ∝ exp(logit_i / temperature)
 *   kept: the fewest most probable tokens whose p_i sum to at least topP; one is drawn by its p_i
 * </pre>
 *
 * @param temperature 0 always takes the most probable token; otherwise above 0
 * @param topP above 0, up to 1, which keeps all
 */
public record Sampling(double temperature, double topP) {

  /** Always the most probable token; the lowest id among equals. */
  public static final Sampling GREEDY = new Sampling(0, 1);

  /** The next id, from the {@code logits} of the vocabulary. */
  public int choose(float[] logits, RandomGenerator random) {
    int best = likeliest(logits);
    if (temperature == 0) {
      return best;
    }
    double[] weights = new double[logits.length];
    Arrays.setAll(weights, id -> Math.exp((logits[id] - logits[best]) / temperature));
    return drawn(weights, random);
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int id = 1; id < logits.length; id++) {
      best = logits[id] > logits[best] ? id : best;
    }
    return best;
  }

  private int drawn(double[] weights, RandomGenerator random) {
    int[] kept = topP < 1 ? nucleus(weights) : IntStream.range(0, weights.length).toArray();
    double left = random.nextDouble() * Arrays.stream(kept).mapToDouble(id -> weights[id]).sum();
    for (int id : kept) {
      left -= weights[id];
      if (left < 0) {
        return id;
      }
    }
    return kept[kept.length - 1];
  }

  /** The most probable ids, in descending order, until their probabilities sum to {@code topP}. */
  private int[] nucleus(double[] weights) {
    double all = Arrays.stream(weights).sum();
    // All ids below it together have at most the probability 1 − topP, so only the others are
    // sorted.
    double least = (1 - topP) * all / weights.length;
    int[] ids =
        IntStream.range(0, weights.length)
            .filter(id -> weights[id] >= least)
            .boxed()
            .sorted(Comparator.<Integer>comparingDouble(id -> -weights[id]).thenComparing(id -> id))
            .mapToInt(id -> id)
            .toArray();
    double wanted = topP * all;
    double share = 0;
    int count = 0;
    while (count < ids.length && share < wanted) {
      share += weights[ids[count++]];
    }
    return Arrays.copyOf(ids, Math.max(1, count));
  }
}
