package io.lorashear.spark.resample;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Settings;
import io.lorashear.settings.Withers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the next subset is drawn.
 *
 * @param corpus folder that {@code tokenize} published
 * @param dense loss report of the dense model
 * @param pruned loss report of the pruned model, on the same rows
 * @param before loss report of the model that the round before began with, on the same rows, for
 *     {@code rule: recovered}; {@code run} and {@code schedule} set it
 * @param output folder of the subset
 * @param previous subset of the round before, from this corpus or one that it has grown from; left
 *     out in the first round
 * @param sources sources that may be drawn; all if the list is empty
 * @param by what gets a weight: every source, or every bucket of a source's documents
 * @param buckets buckets of each source with {@code by: bucket}: documents sorted by the rise of
 *     their loss, the same number in each; later rounds keep those of the first
 * @param filter which documents of a source may be drawn; all if it is left out
 * @param tokens approximate number of tokens that a round trains on
 * @param rule what the weights follow
 * @param deviation what a deviation is a difference of (adaptive)
 * @param start weights before the first round
 * @param eta how strongly a deviation counts (adaptive)
 * @param floor share of the tokens that is divided evenly among all (adaptive, recovered)
 * @param targets target loss of a source or bucket (dynamic loading); the dense model's loss if
 *     none is given
 * @param seed seed of all rounds
 */
public record ResampleSettings(
    Path corpus,
    Path dense,
    Path pruned,
    Optional<Path> before,
    Path output,
    Optional<Path> previous,
    @Default("[]") List<String> sources,
    @Default("source") By by,
    @Default("4") int buckets,
    Optional<FilterSettings> filter,
    @Default("65536") long tokens,
    @Default("adaptive") Rule rule,
    @Default("loss") Deviation deviation,
    @Default("uniform") Start start,
    @Default("1.0") double eta,
    @Default("0.15") double floor,
    @Default("{}") Map<String, Double> targets,
    @Default("0") long seed)
    implements Withers<ResampleSettings> {

  /** What has a weight of its own. */
  public enum By {
    /** Every source. */
    SOURCE,
    /** Every bucket of a source's documents; both loss reports must be about training rows. */
    BUCKET
  }

  /** What the weights of a round follow. */
  public enum Rule {
    /** The deviation, from the weights of the round before, with a floor. */
    ADAPTIVE,
    /** Sheared-LLaMA's dynamic batch loading. */
    DYNAMIC_LOADING,
    /** What a token of each source recovered in the round before; the first round has the start. */
    RECOVERED,
    /** The same weight for all, in every round. */
    UNIFORM,
    /** The sizes, in every round. */
    PROPORTIONAL
  }

  /** What a deviation is a difference of. */
  public enum Deviation {
    /** The losses. */
    LOSS,
    /** The predictions ({@link io.lorashear.spark.select.JensenShannon}), kept by both reports. */
    DIVERGENCE
  }

  /** Weights before the first round. */
  public enum Start {
    /** The same weight for all. */
    UNIFORM,
    /** Proportional to the number of training tokens. */
    PROPORTIONAL
  }

  void check(Problems problems) {
    problems.require(tokens >= 1, "tokens", "is %d: give the tokens of a round", tokens);
    problems.require(buckets >= 1, "buckets", "is %d: give at least 1", buckets);
    problems.require(eta >= 0, "eta", "is %s: give 0 or more", eta);
    problems.require(
        floor >= 0 && floor <= 1, "floor", "is %s: give a share between 0 and 1", floor);
    problems.require(
        targets.isEmpty() || rule == Rule.DYNAMIC_LOADING,
        "targets",
        "are given, but rule is %s: only dynamic-loading has targets",
        Settings.word(rule));
    problems.require(
        deviation == Deviation.LOSS || (rule == Rule.ADAPTIVE && by == By.SOURCE),
        "deviation",
        "is divergence, which is measured for rule: adaptive and by: source; rule is %s, by is %s",
        Settings.word(rule),
        Settings.word(by));
    problems.require(
        before.isEmpty() || rule == Rule.RECOVERED,
        "before",
        "is given, but rule is %s: only recovered reads it",
        Settings.word(rule));
    problems.require(
        rule != Rule.RECOVERED || before.isPresent() == previous.isPresent(),
        "before",
        "and previous belong together with rule: recovered: give both, or neither in the first"
            + " round");
  }
}
