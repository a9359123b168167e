package io.lorashear.torch.compile;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Value;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The TorchScript methods of a model as one text, one factory method for each use. The order of the
 * weights {@code w} is always that of {@link ModelGraph#parameters()}.
 */
public final class ModelText {
  private ModelText() {}

  /**
   * For one arrangement of tokens:
   *
   * <pre>
   *   ROWS, PACKED   logits, logits_at, token_losses, token_predictions, token_scores
   *   TREE           tree_scores
   *   CONTINUED      continued, for one growing text
   * </pre>
   */
  public static String of(ModelGraph graph, Arrangement tokens, Precision precision) {
    return of(graph, tokens, precision, Chunk.CPU);
  }

  /**
   * The same.
   *
   * @param held how many positions have their logits in memory at a time
   */
  public static String of(ModelGraph graph, Arrangement tokens, Precision precision, Chunk held) {
    var methods = TorchCompiler.model(graph, tokens, precision);
    return switch (tokens) {
      case ROWS, PACKED -> EntryPoints.rows(graph, tokens, held) + methods;
      case TREE -> methods + EntryPoints.tree(graph, held);
      case CONTINUED -> EntryPoints.continued(graph, Memory.ROOMY) + methods;
    };
  }

  /** For rows, and for growing texts, any number of which may continue from one past. */
  public static String file(ModelGraph graph, Precision precision) {
    var arrangements = List.of(Arrangement.ROWS, Arrangement.CONTINUED);
    return EntryPoints.rows(graph, Arrangement.ROWS, Chunk.CPU)
        + EntryPoints.continued(graph, Memory.EXACT)
        + TorchCompiler.model(graph, arrangements, precision);
  }

  /**
   * {@code loss_and_backward}, {@code loss_and_backward_by_block}.
   *
   * @param learning names of the trainable weights
   * @param dropout share of a LoRA pair's inputs that is dropped, in [0, 1)
   */
  public static String training(
      ModelGraph graph,
      Arrangement rows,
      Precision precision,
      Set<String> learning,
      double dropout) {
    return training(graph, rows, precision, learning, dropout, Chunk.CPU);
  }

  /**
   * The same.
   *
   * @param held how many positions have their logits in memory at a time
   */
  public static String training(
      ModelGraph graph,
      Arrangement rows,
      Precision precision,
      Set<String> learning,
      double dropout,
      Chunk held) {
    return EntryPoints.gradient(graph, held)
        + TorchCompiler.training(graph, rows, precision, learning, dropout);
  }

  /** {@code taps}: the given values as a list, in float32. */
  public static String taps(ModelGraph graph, Collection<Value> values, Precision precision) {
    return TorchCompiler.taps(graph, values, precision);
  }

  /**
   * {@code walk}, which continues the computation from the values {@code given}.
   *
   * @param taps values it returns in float32
   * @param kept values it returns after them, in their own type
   */
  public static String walk(
      ModelGraph graph,
      List<Value> given,
      List<Value> taps,
      List<Value> kept,
      Precision precision) {
    return TorchCompiler.walk(graph, given, taps, kept, precision);
  }

  /**
   * {@code error} and {@code backward} of what is computed between the values {@code given} and one
   * value of the same block.
   *
   * @param learning names of the trainable weights
   */
  public static String piece(
      ModelGraph graph,
      List<Value> given,
      Value output,
      Precision precision,
      Set<String> learning) {
    return PieceText.of(graph, given, output, precision, learning);
  }
}
