package io.lorashear.torch;

import io.lorashear.graph.Value;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The methods that train, block by block, with all that the gradients read in memory at once, or
 * that of one block (Training Deep Nets with Sublinear Memory Cost, arXiv 1604.06174):
 *
 * <pre>
 *   v₀ = ids,  vᵢ = blockᵢ(vᵢ₋₁)              forward; what backward reads is kept, or only vᵢ₋₁
 *   gₙ = ∂loss/∂vₙ
 *   gᵢ₋₁ = (∂blockᵢ/∂vᵢ₋₁)ᵀ gᵢ                backward; where little was kept blockᵢ runs again
 * </pre>
 *
 * The operators, their inputs and the order of all sums are the same in both, and so are the bits.
 */
final class TrainingPass {
  /**
   * One block's calls.
   *
   * @param part its forward method
   * @param keep the same, giving what it makes and then what backward reads; then backward
   * @param weights which of the weights are its own, as a slice of the list that is named
   */
  record Step(
      String part,
      String keep,
      String back,
      List<Value> inputs,
      List<Value> outputs,
      Slice weights) {}

  /** Part of a list of weights. */
  interface Slice {
    /** Of the list {@code name}. */
    String of(String name);
  }

  private final Set<Value> hanging;
  private final Value tokens;
  private final boolean dropout;
  private final StringBuilder lines = new StringBuilder();

  private TrainingPass(Set<Value> hanging, Value tokens, boolean dropout) {
    this.dropout = dropout;
    this.hanging = hanging;
    this.tokens = tokens;
  }

  /**
   * {@code loss_and_backward} and {@code loss_and_backward_by_block}.
   *
   * @param steps all blocks before the head, in order
   * @param result what the head reads
   * @param hanging values that the learning weights change
   * @param dropout whether blocks leave something out, each by a seed of its own
   */
  static String text(
      List<Step> steps,
      Value result,
      Value tokens,
      Set<Value> hanging,
      Arrangement arrangement,
      boolean dropout) {
    var text = new StringBuilder();
    for (boolean again : new boolean[] {false, true}) {
      var method = new TrainingPass(hanging, tokens, dropout);
      method.forward(steps, again);
      method.line(
          "total, %s = self.loss_gradient(%s, ids, mask, weight, soft, w)",
          method.gradient(result), method.name(result));
      method.backward(steps, result, again);
      text.append(
          """
            def %s(self: __torch__.M,
              ids: Tensor,
              mask: Tensor,
              weight: Tensor,
          %s    soft: List[Tensor],
              w: List[Tensor]) -> Tensor:
              t = self.tables(ids%s)
              d = annotate(List[Tensor], [])
              for p in w:
                d = torch.append(d, torch.detach(p))
              e = torch.zeros([0], device=ids.device)
          %s    return total
          """
              .formatted(
                  again ? "loss_and_backward_by_block" : "loss_and_backward",
                  arrangement.declared + (dropout ? "    seed: Tensor,\n" : ""),
                  arrangement.passed,
                  method.lines));
    }
    return text.toString();
  }

  private void forward(List<Step> steps, boolean again) {
    for (int i = 0; i < steps.size(); i++) {
      var step = steps.get(i);
      if (dropout) {
        line("t%d = torch.add(t, [torch.add(seed, %1$d)])", i);
      }
      if (again || !hangs(step)) {
        line(
            "%s = self.%s(%s, %s, %s)",
            outputs(step), step.part(), inputs(step), tables(i), frozen(step));
      } else {
        line("s%d = %s", i, keep(step, tables(i)));
        for (int k = 0; k < step.outputs().size(); k++) {
          line("%s = s%d[%d]", name(step.outputs().get(k)), i, k);
        }
      }
    }
  }

  private void backward(List<Step> steps, Value result, boolean again) {
    var known = new HashSet<Value>(Set.of(result));
    for (int i = steps.size() - 1; i >= 0; i--) {
      var step = steps.get(i);
      if (!hangs(step)) {
        continue;
      }
      if (again) {
        line("s%d = %s", i, keep(step, tables(i)));
      }
      var g =
          step.outputs().stream()
              .map(y -> hanging.contains(y) && known.contains(y) ? gradient(y) : "e")
              .collect(Collectors.joining(", ", "[", "]"));
      line(
          "r = self.%s(s%d, %s, %s, %s, %s)",
          step.back(), i, tables(i), own(step), frozen(step), g);
      line("s%d = annotate(List[Tensor], [])", i);
      for (var x : new LinkedHashSet<>(step.inputs())) {
        if (hanging.contains(x)) {
          int k = step.inputs().indexOf(x);
          line(known.contains(x) ? "%s = torch.add(%1$s, r[%d])" : "%s = r[%d]", gradient(x), k);
          known.add(x);
        }
      }
    }
  }

  private boolean hangs(Step step) {
    return step.outputs().stream().anyMatch(hanging::contains);
  }

  private String keep(Step step, String tables) {
    return "self.%s(%s, %s, %s, %s)"
        .formatted(step.keep(), inputs(step), tables, own(step), frozen(step));
  }

  /** What depends on the length alone, and behind it the seed of block {@code i}. */
  private String tables(int i) {
    return dropout ? "t" + i : "t";
  }

  private static String own(Step step) {
    return step.weights().of("w");
  }

  private static String frozen(Step step) {
    return step.weights().of("d");
  }

  private String inputs(Step step) {
    return step.inputs().stream().map(this::name).collect(Collectors.joining(", "));
  }

  private String outputs(Step step) {
    return step.outputs().stream().map(this::name).collect(Collectors.joining(", "));
  }

  private String name(Value value) {
    return value.equals(tokens) ? "ids" : "v" + value.id();
  }

  private String gradient(Value value) {
    return "g" + value.id();
  }

  private void line(String format, Object... values) {
    lines.append("    ").append(String.format(format, values)).append('\n');
  }
}
