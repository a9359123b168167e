package io.lorashear.verify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Our figures compared with expected ones; for each row of logits, the one that is farthest off.
 *
 * <pre>
 *   figure                        tolerance, from logits l and gradients g
 *   parameters                    0
 *   logits_last, _cached, loss    l
 *   logits_sum_per_position       l·(√vocabulary + |expected|/10)    errors of single logits add up
 *   gradient_norms                g·expected + 10⁻⁶
 * </pre>
 */
public record Verification(List<Figure> figures) {
  private static final double LEAST_NORM = 1e-6;

  public Verification {
    figures = List.copyOf(figures);
  }

  /**
   * Compares the figures that {@code expected} has.
   *
   * @param logits largest difference of a logit, and of the loss in nats
   * @param gradients largest relative difference of a norm
   */
  public static Verification of(
      Expectation ours, Expectation expected, double logits, double gradients) {
    var figures = new ArrayList<Figure>();
    expected
        .parameters()
        .ifPresent(
            count -> figures.add(new Figure("parameters", ours.parameters().orElse(-1), count, 0)));
    figures.addAll(last("logits_last", ours.logitsLast(), expected.logitsLast(), logits));
    figures.addAll(
        last("logits_last_cached", ours.logitsCached(), expected.logitsCached(), logits));
    for (int row = 0; row < expected.logitsSums().size(); row++) {
      var name = "logits_sum_per_position[" + row + "], position ";
      double spread = logits * Math.sqrt(ours.logitsLast().get(row).size());
      figures.add(
          worst(
              name,
              ours.logitsSums().get(row),
              expected.logitsSums().get(row),
              spread,
              logits / 10));
    }
    expected
        .loss()
        .ifPresent(
            loss ->
                figures.add(
                    new Figure(
                        "loss_next_token_mean", ours.loss().orElse(Double.NaN), loss, logits)));
    expected
        .gradientNorms()
        .forEach(
            (name, norm) ->
                figures.add(
                    new Figure(
                        "gradient " + name,
                        ours.gradientNorms().getOrDefault(name, Double.NaN),
                        norm,
                        LEAST_NORM + gradients * norm)));
    return new Verification(figures);
  }

  /** One figure for each row. */
  private static List<Figure> last(
      String name, List<List<Double>> ours, List<List<Double>> expected, double tolerance) {
    return IntStream.range(0, expected.size())
        .mapToObj(
            row ->
                worst(
                    name + "[" + row + "], token ", ours.get(row), expected.get(row), tolerance, 0))
        .toList();
  }

  /** The position that exceeds its tolerance most, or comes nearest to it. */
  private static Figure worst(
      String name, List<Double> ours, List<Double> expected, double absolute, double relative) {
    if (ours.size() != expected.size()) {
      return new Figure(name.replaceFirst(",.*", ", values"), ours.size(), expected.size(), 0);
    }
    var worst = new Figure(name + 0, ours.get(0), expected.get(0), absolute);
    double most = -1;
    for (int i = 0; i < expected.size(); i++) {
      double tolerance = absolute + relative * Math.abs(expected.get(i));
      var figure = new Figure(name + i, ours.get(i), expected.get(i), tolerance);
      double share = figure.difference() / tolerance;
      if (!(share <= most)) {
        worst = figure;
        most = Double.isNaN(share) ? Double.POSITIVE_INFINITY : share;
      }
    }
    return worst;
  }

  /** Whether all agree. */
  public boolean agrees() {
    return figures.stream().allMatch(Figure::agrees);
  }

  /** One line per figure, and how many are off. */
  public String table() {
    var lines = new StringBuilder(Figure.heading()).append('\n');
    figures.forEach(figure -> lines.append(figure.line()).append('\n'));
    long off = figures.stream().filter(figure -> !figure.agrees()).count();
    lines.append(
        off == 0
            ? "all %d figures agree%n".formatted(figures.size())
            : "%d of %d figures are OFF%n".formatted(off, figures.size()));
    return lines.toString();
  }

  /** All figures, and whether they agree. */
  public ObjectNode toJson() {
    var json = JsonFile.object().put("ok", agrees());
    var all = json.putArray("figures");
    figures.forEach(figure -> all.add(figure.toJson()));
    return json;
  }
}
