package io.lorashear.spark.resample;

import io.lorashear.InputException;
import io.lorashear.spark.select.PerplexityDeviation;
import io.lorashear.spark.select.SamplingWeights;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The weights of one round, each with its reason.
 *
 * @param deviation deviation as the rule uses it; rules that use no loss report it as well
 */
record Weighing(
    PerplexityDeviation deviation, SamplingWeights prior, SamplingWeights weights, Why why) {

  /** Explains the weight of a group. */
  interface Why {
    String of(String group);
  }

  /**
   * Computes weights by the settings' rule.
   *
   * @param tokens number of tokens by group
   * @param dense mean loss of the dense model by group
   * @param pruned mean loss of the pruned model by group
   */
  static Weighing of(
      ResampleSettings settings,
      SamplingWeights prior,
      SortedMap<String, Long> tokens,
      Map<String, Double> dense,
      Map<String, Double> pruned) {
    var lost = PerplexityDeviation.of(dense, pruned);
    int groups = tokens.size();
    return switch (settings.rule()) {
      case UNIFORM ->
          new Weighing(
              lost,
              prior,
              SamplingWeights.uniform(tokens.keySet()),
              group -> "uniform: 1/%d".formatted(groups));
      case PROPORTIONAL -> {
        long all = tokens.values().stream().mapToLong(Long::longValue).sum();
        yield new Weighing(
            lost,
            prior,
            SamplingWeights.proportional(tokens),
            group ->
                "proportional: %d of %d training tokens"
                    .formatted(tokens.getOrDefault(group, 0L), all));
      }
      case ADAPTIVE ->
          new Weighing(
              lost,
              prior,
              prior.adapted(lost, settings.eta(), settings.floor()),
              group ->
                  String.format(
                      Locale.ROOT,
                      "adaptive: %.4f exp(%.2f x %.4f), normalised, %.2f of it + %.2f/%d",
                      prior.of(group),
                      settings.eta(),
                      lost.byGroup().getOrDefault(group, 0.0),
                      1 - settings.floor(),
                      settings.floor(),
                      groups));
      case DYNAMIC_LOADING -> loaded(settings, prior, dense, pruned);
    };
  }

  private static Weighing loaded(
      ResampleSettings settings,
      SamplingWeights prior,
      Map<String, Double> dense,
      Map<String, Double> pruned) {
    var unknown =
        settings.targets().keySet().stream()
            .filter(group -> !pruned.containsKey(group))
            .sorted()
            .collect(Collectors.joining(", "));
    if (!unknown.isEmpty()) {
      throw new InputException(
          "targets names %s, of which the loss reports say nothing: they have %s",
          unknown, String.join(", ", new TreeMap<>(pruned).keySet()));
    }
    var reference = new TreeMap<>(dense);
    reference.putAll(settings.targets());
    var signed = PerplexityDeviation.signed(reference, pruned);
    return new Weighing(
        signed,
        prior,
        prior.loaded(signed),
        group ->
            String.format(
                Locale.ROOT,
                "dynamic loading: %.4f exp(%.4f - %.4f), normalised, 0.9999 of it + 0.0001/%d",
                prior.of(group),
                pruned.getOrDefault(group, 0.0),
                reference.getOrDefault(group, 0.0),
                prior.shares().size()));
  }
}
