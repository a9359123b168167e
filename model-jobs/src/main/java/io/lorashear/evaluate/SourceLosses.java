package io.lorashear.evaluate;

import io.lorashear.corpus.Sequence;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Mean loss of a predicted token, source by source. */
public final class SourceLosses {
  private SourceLosses() {}

  /** Losses in nats by source; tokens outside a row's mask do not count. */
  public static Map<String, Double> of(Scorer scorer, List<Sequence> sequences) {
    var losses = scorer.tokenLosses(sequences.stream().map(Sequence::inputIds).toList());
    var sums = new TreeMap<String, double[]>();
    for (int i = 0; i < losses.length; i++) {
      var sum = sums.computeIfAbsent(sequences.get(i).source(), source -> new double[2]);
      var mask = sequences.get(i).lossMask();
      for (int t = 1; t < mask.length; t++) {
        sum[0] += mask[t] * losses[i][t - 1];
        sum[1] += mask[t];
      }
    }
    var means = new TreeMap<String, Double>();
    sums.forEach((source, sum) -> means.put(source, sum[0] / Math.max(1, sum[1])));
    return means;
  }

  /** The mean over sources, each counting alike. */
  public static double mean(Map<String, Double> losses) {
    return losses.values().stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }
}
