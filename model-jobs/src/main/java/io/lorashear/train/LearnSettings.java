package io.lorashear.train;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Sought;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.settings.Settings;
import io.lorashear.settings.Withers;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Which weights learn.
 *
 * <pre>
 *   pairs    A and B in y = (W + s·B A) x; W is frozen
 *   blocks   every weight of a block, and those of the last norm; embeddings and head are frozen
 *   all      every weight
 * </pre>
 *
 * @param weights pairs: LoRA pairs; blocks: matrices, biases and norms of the blocks, and the last
 *     norm; all: embeddings and head too. Without pairs nothing of {@code lora} has an effect, and
 *     the best learning rate is much lower, for example 1e-4
 * @param norms whether weights and biases of norms learn beside the pairs
 * @param factors whether every head's component and every channel has a factor that learns beside
 *     the pairs, where a matrix reads it; folded into the matrix's columns at the end
 * @param vectorRate factor of the learning rate for weights with one dimension, which norms, biases
 *     and factors are; these do not decay
 */
public record LearnSettings(
    @Default("pairs") Weights weights,
    @Default("false") boolean norms,
    @Default("false") boolean factors,
    @Default("1.0") double vectorRate)
    implements Withers<LearnSettings> {

  /** LoRA pairs alone. */
  public static final LearnSettings PAIRS = new LearnSettings(Weights.PAIRS, false, false, 1);

  /** Which weights learn. */
  public enum Weights {
    PAIRS,
    BLOCKS,
    ALL
  }

  void check(Problems problems) {
    problems.require(
        weights == Weights.PAIRS || !norms,
        "norms",
        "is true, but with weights: %s all norms learn: leave it out",
        Settings.word(weights));
    problems.require(
        weights == Weights.PAIRS || !factors,
        "factors",
        "is true, but with weights: %s every column learns by itself: leave it out",
        Settings.word(weights));
    problems.require(
        vectorRate > 0, "vectorRate", "is %s: give a positive factor, for example 1", vectorRate);
    problems.require(
        vectorRate == 1 || !pairsAlone(),
        "vectorRate",
        "is %s, but only pairs learn, which are matrices: set norms or factors to true, or leave it"
            + " out",
        vectorRate);
  }

  /** Whether LoRA pairs learn; else weights of the model itself do. */
  public boolean pairs() {
    return weights == Weights.PAIRS;
  }

  /** Whether nothing but LoRA pairs learns. */
  public boolean pairsAlone() {
    return pairs() && !norms && !factors;
  }

  /** Names of the weights of {@code graph} that learn, apart from pairs and factors. */
  public Set<String> of(ModelGraph graph) {
    return switch (weights) {
      case PAIRS -> norms ? norms(graph) : Set.of();
      case BLOCKS -> blocks(graph);
      case ALL -> graph.parameters().keySet();
    };
  }

  /** What learns, in words. */
  public String words() {
    return switch (weights) {
      case PAIRS -> "LoRA pairs" + (norms ? ", norms" : "") + (factors ? ", factors" : "");
      case BLOCKS -> "all weights of the blocks and the last norm";
      case ALL -> "all weights";
    };
  }

  private static Set<String> norms(ModelGraph graph) {
    var names = new LinkedHashSet<String>();
    Sought.RMS_NORM.in(graph).forEach(norm -> names.addAll(norm.operator().parameters()));
    Sought.LAYER_NORM.in(graph).forEach(norm -> names.addAll(norm.operator().parameters()));
    return names;
  }

  private static Set<String> blocks(ModelGraph graph) {
    var names = new LinkedHashSet<>(graph.parameters().keySet());
    var norms = norms(graph);
    for (var node : graph.nodes()) {
      if (node.block().isEmpty()) {
        names.removeAll(
            node.operator().parameters().stream().filter(name -> !norms.contains(name)).toList());
      }
    }
    return names;
  }
}
