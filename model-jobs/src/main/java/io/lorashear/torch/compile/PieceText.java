package io.lorashear.torch.compile;

import io.lorashear.graph.LinearProducts;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Value;
import io.lorashear.torch.script.Aten;
import io.lorashear.torch.script.Expression;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The methods that train a piece of one block towards given values:
 *
 * <pre>
 *   y = piece(h…)          h: values that are known, y: one value
 *   error    = mean (y − target)²
 *   backward   the same, and ∂w += ∂error/∂w for the trainable weights
 * </pre>
 *
 * They use the operators of {@link TrainingPass}. Known values were computed without autograd,
 * which cannot keep them for its backward pass; it gets copies.
 */
final class PieceText {
  private static final String TEXT =
      """
        def error(self: __torch__.M,
          ids: Tensor,
          h: List[Tensor],
          target: Tensor,
          w: List[Tensor]) -> Tensor:
          t = self.tables(ids)
          y = self.PART(INPUTS, t, OWN)
          e = torch.sub(torch.to(y, 6), target)
          return torch.div(torch.sum(torch.mul(e, e)), torch.numel(e))
        def backward(self: __torch__.M,
          ids: Tensor,
          h: List[Tensor],
          target: Tensor,
          w: List[Tensor]) -> Tensor:
          t = self.tables(ids)
          d = annotate(List[Tensor], [])
          for p in w:
            d = torch.append(d, torch.detach(p))
          s = self.KEEP(COPIES, t, OWN, FROZEN)
          y = s[0]
          e = torch.sub(torch.to(y, 6), target)
          n = torch.numel(e)
          g = [torch.to(torch.mul(e, 2. / n), y)]
          r = self.BACK(s, t, OWN, FROZEN, g)
          return torch.div(torch.sum(torch.mul(e, e)), n)
      """;

  private PieceText() {}

  /**
   * The text for one piece.
   *
   * @param given the known values, the list h; all that y depends on outside of the piece, except
   *     tokens
   * @param output y, of the same block as all that is computed for it
   * @param learning names of the trainable weights
   */
  static String of(
      ModelGraph graph,
      List<Value> given,
      Value output,
      Precision precision,
      Set<String> learning) {
    var runs = Run.all(graph, Set.copyOf(given), Set.of(output));
    if (runs.size() != 1) {
      throw new IllegalArgumentException(output + " takes " + runs.size() + " blocks to compute");
    }
    var parts = new LinkedHashMap<String, String>();
    var compiler = new TorchCompiler(graph, Arrangement.ROWS, precision, parts);
    var step = compiler.step(runs.get(0), learning, LinearProducts.dependents(graph, learning));
    var inputs = step.inputs().stream().map(value -> name(value, given, graph.tokens())).toList();
    var methods =
        TEXT.replace("PART", step.part())
            .replace("KEEP", step.keep())
            .replace("BACK", step.back())
            .replace("INPUTS", joined(inputs.stream()))
            .replace("COPIES", joined(inputs.stream().map(Aten::clone)))
            .replace("OWN", step.weights().of("w").text())
            .replace("FROZEN", step.weights().of("d").text());
    return TorchCompiler.text(parts, compiler.tables.method() + methods);
  }

  private static String joined(Stream<Expression> inputs) {
    return inputs.map(Expression::text).collect(Collectors.joining(", "));
  }

  private static Expression name(Value value, List<Value> given, Value tokens) {
    if (value.equals(tokens)) {
      return new Expression("ids");
    }
    int place = given.indexOf(value);
    if (place < 0) {
      throw new IllegalArgumentException(value + " is not given");
    }
    return new Expression("h").at(place);
  }
}
