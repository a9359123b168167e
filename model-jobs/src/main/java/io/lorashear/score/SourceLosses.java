package io.lorashear.score;

import io.lorashear.corpus.Sequence;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Mean loss per predicted token, source by source. */
public final class SourceLosses {
  private SourceLosses() {}

  /** Losses in nats by source; tokens outside a row's mask do not count. */
  public static Map<String, Double> of(Scorer scorer, List<Sequence> sequences) {
    var losses = scorer.tokenLosses(sequences.stream().map(Sequence::inputIds).toList());
    return means(sequences, losses, false);
  }

  /** The same if no document of a row attends to another; their first tokens do not count. */
  public static Map<String, Double> documentsApart(Scorer scorer, List<Sequence> sequences) {
    var ids = sequences.stream().map(Sequence::inputIds).toList();
    var starts = sequences.stream().map(Sequence::starts).toList();
    return means(sequences, scorer.packedTokenLosses(ids, starts), true);
  }

  private static Map<String, Double> means(
      List<Sequence> sequences, double[][] losses, boolean apart) {
    var sums = new TreeMap<String, double[]>();
    for (int i = 0; i < losses.length; i++) {
      var sum = sums.computeIfAbsent(sequences.get(i).source(), source -> new double[2]);
      var mask = sequences.get(i).lossMask();
      var starts = sequences.get(i).starts();
      for (int t = 1; t < mask.length; t++) {
        int counts = apart && starts[t] == t ? 0 : mask[t];
        sum[0] += counts * losses[i][t - 1];
        sum[1] += counts;
      }
    }
    var means = new TreeMap<String, Double>();
    sums.forEach((source, sum) -> means.put(source, sum[0] / Math.max(1, sum[1])));
    return means;
  }

  /** The mean over sources, with equal weights. */
  public static double mean(Map<String, Double> losses) {
    return losses.values().stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }
}
