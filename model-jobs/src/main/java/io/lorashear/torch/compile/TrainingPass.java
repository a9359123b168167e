package io.lorashear.torch.compile;

import static io.lorashear.torch.script.Aten.add;
import static io.lorashear.torch.script.Expression.list;
import static io.lorashear.torch.script.Expression.self;
import static io.lorashear.torch.script.Expression.tensors;
import static io.lorashear.torch.script.Signature.TENSOR;
import static io.lorashear.torch.script.Signature.TENSORS;

import io.lorashear.graph.Value;
import io.lorashear.torch.script.Expression;
import io.lorashear.torch.script.Lines;
import io.lorashear.torch.script.Signature;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The methods that train, block by block. What the backward pass reads is in memory for all blocks
 * at once, or for one block at a time (Training Deep Nets with Sublinear Memory Cost, arXiv
 * 1604.06174):
 *
 * <pre>
 *   v₀ = ids,  vᵢ = blockᵢ(vᵢ₋₁)              forward; what backward reads is kept, or only vᵢ₋₁
 *   gₙ = ∂loss/∂vₙ
 *   gᵢ₋₁ = (∂blockᵢ/∂vᵢ₋₁)ᵀ gᵢ                backward; if only vᵢ₋₁ was kept, blockᵢ runs again
 * </pre>
 *
 * Both use the same operators, inputs and order of summation, so the results are bitwise equal.
 */
final class TrainingPass {
  /**
   * The methods of one block.
   *
   * @param part its forward method
   * @param keep the same for training: returns the outputs, then what {@code back} reads
   * @param back its backward method
   * @param weights its own weights, as a slice of the list of a given name
   */
  record Step(
      String part,
      String keep,
      String back,
      List<Value> inputs,
      List<Value> outputs,
      Slice weights) {

    private Expression own() {
      return weights.of("w");
    }

    private Expression frozen() {
      return weights.of("d");
    }
  }

  /** A slice of a list of weights. */
  interface Slice {
    /** The slice of the list {@code name}. */
    Expression of(String name);
  }

  private static final Expression T = new Expression("t"); // tables
  private static final Expression NOTHING = new Expression("e");
  private static final Expression BACK = new Expression("r");

  private final Set<Value> dependents;
  private final Value tokens;
  private final boolean dropout;
  private final Lines lines = new Lines();

  private TrainingPass(Set<Value> dependents, Value tokens, boolean dropout) {
    this.dropout = dropout;
    this.dependents = dependents;
    this.tokens = tokens;
  }

  /**
   * {@code loss_and_backward} and {@code loss_and_backward_by_block}.
   *
   * @param steps all blocks before the head, in order
   * @param result what the head reads
   * @param dependents values that depend on the trainable weights
   * @param dropout whether blocks use dropout, each with its own seed
   */
  static String text(
      List<Step> steps,
      Value result,
      Value tokens,
      Set<Value> dependents,
      Arrangement arrangement,
      boolean dropout) {
    var text = new StringBuilder();
    for (boolean again : new boolean[] {false, true}) {
      var method = new TrainingPass(dependents, tokens, dropout);
      method.forward(steps, again);
      var g = method.gradient(result);
      var h = method.name(result);
      method.lines.let(
          new Expression("total, " + g),
          self("loss_gradient", h, "ids", "mask", "weight", "soft", "w"));
      method.backward(steps, result, again);
      var signature = signature(arrangement, dropout);
      text.append(
          """
            def %s%s    t = self.tables(ids%s)
              d = annotate(List[Tensor], [])
              for p in w:
                d = torch.append(d, torch.detach(p))
              e = torch.zeros([0], device=ids.device)
          %s    return total
          """
              .formatted(
                  again ? "loss_and_backward_by_block" : "loss_and_backward",
                  signature.gives(TENSOR),
                  arrangement.passed,
                  method.lines));
    }
    return text.toString();
  }

  private static Signature signature(Arrangement arrangement, boolean dropout) {
    var signature = new Signature().takes("ids", TENSOR);
    signature.takes("mask", TENSOR).takes("weight", TENSOR).declared(arrangement.declared);
    if (dropout) {
      signature.takes("seed", TENSOR);
    }
    return signature.takes("soft", TENSORS).takes("w", TENSORS);
  }

  private void forward(List<Step> steps, boolean again) {
    for (int i = 0; i < steps.size(); i++) {
      var step = steps.get(i);
      if (dropout) {
        lines.let(tables(i), add(T, list(add(new Expression("seed"), i))));
      }
      if (again || !hangs(step)) {
        var call = self(step.part(), names(step.inputs()), tables(i), step.frozen());
        lines.let(names(step.outputs()), call);
      } else {
        var kept = lines.let(kept(i), keep(step, tables(i)));
        for (int k = 0; k < step.outputs().size(); k++) {
          lines.let(name(step.outputs().get(k)), kept.at(k));
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
        lines.let(kept(i), keep(step, tables(i)));
      }
      var g =
          step.outputs().stream()
              .map(y -> dependents.contains(y) && known.contains(y) ? gradient(y) : NOTHING);
      lines.let(
          BACK,
          self(step.back(), kept(i), tables(i), step.own(), step.frozen(), list(g.toArray())));
      lines.let(kept(i), tensors(List.of())); // no longer held
      for (var x : new LinkedHashSet<>(step.inputs())) {
        if (dependents.contains(x)) {
          var more = BACK.at(step.inputs().indexOf(x));
          lines.let(gradient(x), known.contains(x) ? add(gradient(x), more) : more);
          known.add(x);
        }
      }
    }
  }

  private boolean hangs(Step step) {
    return step.outputs().stream().anyMatch(dependents::contains);
  }

  private Expression keep(Step step, Expression tables) {
    return self(step.keep(), names(step.inputs()), tables, step.own(), step.frozen());
  }

  /** The name of what block {@code i} kept. */
  private static Expression kept(int i) {
    return new Expression("s" + i);
  }

  /** The name of the tables, followed by the seed of block {@code i} if there is dropout. */
  private Expression tables(int i) {
    return dropout ? new Expression("t" + i) : T;
  }

  private Expression names(List<Value> values) {
    return new Expression(
        values.stream().map(this::name).map(Object::toString).collect(Collectors.joining(", ")));
  }

  private Expression name(Value value) {
    return new Expression(value.equals(tokens) ? "ids" : "v" + value.id());
  }

  private Expression gradient(Value value) {
    return new Expression("g" + value.id());
  }
}
