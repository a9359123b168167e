package io.lorashear.spark.resample;

import io.lorashear.InputException;
import io.lorashear.spark.select.PerplexityDeviation;
import io.lorashear.spark.select.SamplingWeights;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
   * @param measured what the rules follow
   */
  static Weighing of(
      ResampleSettings settings,
      SamplingWeights prior,
      SortedMap<String, Long> tokens,
      Measured measured) {
    var lost = measured.deviation();
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
      case DYNAMIC_LOADING -> loaded(settings, prior, measured);
      case RECOVERED ->
          measured
              .last()
              .map(round -> recovered(settings, prior, measured, round))
              .orElseGet(
                  () -> new Weighing(lost, prior, prior, group -> "recovered: the first round"));
    };
  }

  /**
   * What was measured, by group.
   *
   * @param deviation of the pruned from the dense model
   * @param dense mean loss of the dense model
   * @param pruned mean loss of the pruned model
   * @param last the round before, if the rule reads it
   */
  record Measured(
      PerplexityDeviation deviation,
      Map<String, Double> dense,
      Map<String, Double> pruned,
      Optional<LastRound> last) {}

  /**
   * What the round before did.
   *
   * @param losses mean loss by group of the model that it began with
   * @param drawn sequences that it drew, by group
   */
  record LastRound(Map<String, Double> losses, Map<String, Long> drawn) {}

  private static Weighing recovered(
      ResampleSettings settings, SamplingWeights prior, Measured measured, LastRound round) {
    var gains = PerplexityDeviation.signed(measured.pruned(), round.losses()).byGroup();
    var weights = prior.recovered(gains, round.drawn(), settings.floor());
    return new Weighing(
        measured.deviation(),
        prior,
        weights,
        group ->
            String.format(
                Locale.ROOT,
                "recovered: %.4f nats after %d sequences%s",
                gains.getOrDefault(group, 0.0),
                round.drawn().getOrDefault(group, 0L),
                weights.equals(prior)
                    ? "; no group gained, so the weights stay"
                    : String.format(
                        Locale.ROOT,
                        ", the quotient normalised, %.2f of it + %.2f/%d",
                        1 - settings.floor(),
                        settings.floor(),
                        prior.shares().size())));
  }

  private static Weighing loaded(
      ResampleSettings settings, SamplingWeights prior, Measured measured) {
    var pruned = measured.pruned();
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
    var reference = new TreeMap<>(measured.dense());
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
