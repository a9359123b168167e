package io.lorashear.torch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The method that trains with the inner values of one block in memory at a time (Training Deep Nets
 * with Sublinear Memory Cost, arXiv 1604.06174):
 *
 * <pre>
 *   v₀ = ids,  vᵢ = blockᵢ(vᵢ₋₁)              forward: of each block only what goes in is kept
 *   gₙ = ∂loss/∂vₙ
 *   gᵢ₋₁ = (∂blockᵢ/∂vᵢ₋₁)ᵀ gᵢ                backward: blockᵢ runs again, then its gradients
 * </pre>
 *
 * The operators, their inputs and the order of all sums are those of the undivided pass, and so are
 * the bits.
 */
final class BlockwiseBackward {
  private static final String LEARNS =
      """
        def learns(self: __torch__.M,
          before: List[int],
          w: List[Tensor]) -> int:
          n = 0
          for b in before:
            if torch.gt(b, 0):
              n = 1
            else:
              pass
          for p in w:
            if p.requires_grad:
              n = 1
            else:
              pass
          return n
      """;

  /**
   * One block's call.
   *
   * @param part the method's name
   * @param inputs names of what it reads
   * @param outputs names of what it makes
   * @param weights its weights, as an expression
   */
  record Step(String part, List<String> inputs, List<String> outputs, String weights) {}

  private final StringBuilder lines = new StringBuilder();

  private BlockwiseBackward() {}

  /**
   * {@code loss_and_backward_by_block} and what it calls.
   *
   * @param steps all blocks before the head, in order
   * @param result name of what the head reads
   */
  static String text(List<Step> steps, String result, Arrangement arrangement) {
    var method = new BlockwiseBackward();
    method.forward(steps);
    method.line("total, g_%s = self.loss_gradient(%1$s, ids, mask, weight, soft, w)", result);
    method.backward(steps, result);
    var again = new LinkedHashMap<String, String>();
    steps.forEach(step -> again.computeIfAbsent(step.part(), part -> again(step)));
    return LEARNS
        + String.join("", again.values())
        + """
            def loss_and_backward_by_block(self: __torch__.M,
              ids: Tensor,
              mask: Tensor,
              weight: Tensor,
          %s    soft: List[Tensor],
              w: List[Tensor]) -> Tensor:
              t = self.tables(ids%s)
              n_ids = 0
          %s    return total
          """
            .formatted(arrangement.declared, arrangement.passed, method.lines);
  }

  private void forward(List<Step> steps) {
    for (var step : steps) {
      var outputs = String.join(", ", step.outputs());
      line("%s = self.%s(%s, t, %s)", outputs, step.part(), inputs(step), step.weights());
      for (var y : step.outputs()) {
        line("%s = torch.detach(%1$s)", y);
        line("n_%s = self.learns(%s, %s)", y, list("n_", step.inputs()), step.weights());
      }
    }
  }

  private void backward(List<Step> steps, String result) {
    var known = new ArrayList<>(List.of(result));
    for (int i = steps.size() - 1; i >= 0; i--) {
      var step = steps.get(i);
      line(
          "r = self.again_%s(%s, %s, t, %s, %s)",
          step.part(),
          inputs(step),
          list("n_", step.inputs()),
          step.weights(),
          list("g_", step.outputs()));
      for (int k = 0; k < step.inputs().size(); k++) {
        var x = step.inputs().get(k);
        line(known.contains(x) ? "g_%s = g_%1$s + r[%d]" : "g_%s = r[%d]", x, k);
        known.add(x);
      }
    }
  }

  private static String inputs(Step step) {
    return String.join(", ", step.inputs());
  }

  private static String list(String prefix, List<String> names) {
    return names.stream().map(name -> prefix + name).collect(Collectors.joining(", ", "[", "]"));
  }

  /** Runs a block again and gives the gradients of its inputs; of those that have none, nothing. */
  private static String again(Step step) {
    var method = new BlockwiseBackward();
    var x = IntStream.range(0, step.inputs().size()).mapToObj(i -> "x" + i).toList();
    var y = IntStream.range(0, step.outputs().size()).mapToObj(i -> "y" + i).toList();
    for (int i = 0; i < x.size(); i++) {
      method.line("a%d = torch.requires_grad_(torch.detach(x%1$d), torch.gt(n[%1$d], 0))", i);
    }
    var again = x.stream().map(name -> name.replace('x', 'a')).collect(Collectors.joining(", "));
    method.line("%s = self.%s(%s, t, w)", String.join(", ", y), step.part(), again);
    for (int i = 0; i < y.size(); i++) {
      method.line("if y%d.requires_grad:", i);
      method.line("  torch.backward(y%d, g[%1$d], %s)", i, i < y.size() - 1 ? "True" : "False");
      method.line("else:");
      method.line("  pass");
    }
    method.line("r = annotate(List[Tensor], [])");
    for (int i = 0; i < x.size(); i++) {
      method.line("if torch.gt(n[%d], 0):", i);
      method.line("  r = torch.append(r, a%d.grad)", i);
      method.line("else:");
      method.line("  r = torch.append(r, torch.zeros([0], device=x%d.device))", i);
    }
    var declared = x.stream().map(name -> "    " + name + ": Tensor,\n");
    return """
          def again_%s(self: __torch__.M,
        %s    n: List[int],
            t: List[Tensor],
            w: List[Tensor],
            g: List[Tensor]) -> List[Tensor]:
        %s    return r
        """
        .formatted(step.part(), declared.collect(Collectors.joining()), method.lines);
  }

  private void line(String format, Object... values) {
    lines.append("    ").append(String.format(format, values)).append('\n');
  }
}
