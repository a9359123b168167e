package io.lorashear.contest;

import io.lorashear.statistics.Bootstrap;
import io.lorashear.statistics.Interval;
import io.lorashear.statistics.PairedTests;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * One row of a contest: a method at a ratio, over all its seeds.
 *
 * @param cells one for each seed, at least one
 */
public record Standing(List<CellResult> cells) {

  /**
   * Difference between two methods on the same rows, in nats per token; less is better.
   *
   * <pre>
   *   d_i      = mean over the seeds of row i's loss, less the other method's
   *   nats     = mean over sources of the mean over their rows of d_i
   *   interval = 95 % by bootstrap over rows, drawn within their source
   *   p        by paired t test over all rows
   * </pre>
   */
  public record Difference(double nats, Interval interval, double p) {}

  public Standing {
    cells = List.copyOf(cells);
  }

  public String method() {
    return cells.get(0).cell().method();
  }

  public double ratio() {
    return cells.get(0).cell().ratio();
  }

  /** Parameters of the finished model, mean over seeds. */
  public double parameters() {
    return mean(CellResult::parameters);
  }

  /** Log-perplexity of the finished models, mean over seeds. */
  public double loss() {
    return mean(cell -> cell.recovered().loss());
  }

  /** Log-perplexity before recovery, mean over seeds. */
  public double prunedLoss() {
    return mean(cell -> cell.pruned().loss());
  }

  /** Standard error of {@link #loss} over seeds; empty for a single seed. */
  public Optional<Double> lossError() {
    if (cells.size() < 2) {
      return Optional.empty();
    }
    double mean = loss();
    double squares =
        cells.stream().mapToDouble(cell -> Math.pow(cell.recovered().loss() - mean, 2)).sum();
    return Optional.of(Math.sqrt(squares / (cells.size() - 1) / cells.size()));
  }

  /** Perplexity of the finished models by source, geometric mean over seeds. */
  public Map<String, Double> perplexities() {
    var logs = new TreeMap<String, Double>();
    for (var cell : cells) {
      cell.recovered()
          .perplexities()
          .forEach((source, value) -> logs.merge(source, Math.log(value), Double::sum));
    }
    logs.replaceAll((source, sum) -> Math.exp(sum / cells.size()));
    return logs;
  }

  /** Accuracy, mean over tasks and seeds, from 0 to 1. */
  public double share() {
    return mean(cell -> cell.marks().mean());
  }

  /**
   * Standard error of {@link #share} over questions alone, because all seeds get the same
   * questions.
   */
  public double shareError() {
    return mean(cell -> cell.marks().standardError());
  }

  /** Accuracy on one task, mean over seeds. */
  public double share(String task) {
    return mean(cell -> cell.marks().share(task));
  }

  /** Tokens that one model was trained on. */
  public double tokens() {
    return mean(CellResult::tokens);
  }

  /** Minutes of one model. */
  public double minutes() {
    return mean(cell -> cell.cost().total());
  }

  /** Tokens scored per second. */
  public double tokensPerSecond() {
    return mean(cell -> cell.cost().tokensPerSecond());
  }

  private double mean(ToDoubleFunction<CellResult> figure) {
    return cells.stream().mapToDouble(figure).average().orElseThrow();
  }

  /** Difference of this method to {@code other}. */
  public Difference less(Standing other, Bootstrap bootstrap) {
    var strata = new ArrayList<double[]>();
    var all = new ArrayList<Double>();
    for (var source : cells.get(0).recovered().sources().keySet()) {
      var own = rows(source);
      var theirs = other.rows(source);
      var differences = new double[own.length];
      for (int i = 0; i < own.length; i++) {
        differences[i] = own[i] - theirs[i];
        all.add(differences[i]);
      }
      strata.add(differences);
    }
    double nats =
        strata.stream()
            .mapToDouble(values -> Arrays.stream(values).average().orElseThrow())
            .average()
            .orElseThrow();
    var zeros = new double[all.size()];
    var differences = all.stream().mapToDouble(Double::doubleValue).toArray();
    return new Difference(nats, bootstrap.meanOfMeans(strata), PairedTests.t(differences, zeros));
  }

  /** Loss per token of every row of a source, mean over seeds: (rows,). */
  private double[] rows(String source) {
    var first = cells.get(0).recovered().rows(source);
    var means = new double[first.size()];
    for (var cell : cells) {
      var rows = cell.recovered().rows(source);
      for (int i = 0; i < means.length; i++) {
        means[i] += rows.get(i).mean() / cells.size();
      }
    }
    return means;
  }
}
