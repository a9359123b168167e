package io.lorashear.spark.resample;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How the next subset is drawn.
 *
 * @param corpus folder that {@code tokenize} published
 * @param dense loss report of the dense model
 * @param pruned loss report of the pruned model, on the same rows
 * @param output folder of the subset
 * @param previous subset of the round before; left out in the first round
 * @param sources that may be drawn; all where the list is empty
 * @param tokens about how many tokens a round trains on
 * @param rule what the weights follow
 * @param start weights before the first round
 * @param eta how strongly a deviation counts
 * @param floor share of the tokens that goes evenly to all sources
 * @param seed of all rounds
 */
public record ResampleSettings(
    Path corpus,
    Path dense,
    Path pruned,
    Path output,
    Optional<Path> previous,
    @Default("[]") List<String> sources,
    @Default("65536") long tokens,
    @Default("adaptive") Rule rule,
    @Default("uniform") Start start,
    @Default("1.0") double eta,
    @Default("0.15") double floor,
    @Default("0") long seed) {

  /** What the weights of a round follow. */
  public enum Rule {
    /** The deviation of every source, from the weights of the round before. */
    ADAPTIVE,
    /** Nothing: the starting weights, always. */
    FIXED
  }

  /** Weights before the first round. */
  public enum Start {
    /** The same for every source. */
    UNIFORM,
    /** As many as a source's share of the training tokens. */
    PROPORTIONAL
  }

  void check(Problems problems) {
    problems.require(tokens >= 1, "tokens is %d: give the tokens of a round", tokens);
    problems.require(eta >= 0, "eta is %s: give 0 or more", eta);
    problems.require(floor >= 0 && floor <= 1, "floor is %s: give a share between 0 and 1", floor);
  }
}
