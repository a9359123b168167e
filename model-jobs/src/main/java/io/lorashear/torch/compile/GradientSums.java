package io.lorashear.torch.compile;

import static io.lorashear.torch.script.Aten.addInPlace;
import static io.lorashear.torch.script.Aten.addmm;
import static io.lorashear.torch.script.Aten.addmmInPlace;
import static io.lorashear.torch.script.Aten.flatten;
import static io.lorashear.torch.script.Aten.mm;
import static io.lorashear.torch.script.Aten.newZeros;
import static io.lorashear.torch.script.Aten.nothing;
import static io.lorashear.torch.script.Aten.size;
import static io.lorashear.torch.script.Aten.sizes;
import static io.lorashear.torch.script.Aten.t;
import static io.lorashear.torch.script.Aten.to;
import static io.lorashear.torch.script.Aten.view;
import static io.lorashear.torch.script.Expression.list;

import io.lorashear.graph.Value;
import io.lorashear.torch.script.Aten;
import io.lorashear.torch.script.Expression;
import io.lorashear.torch.script.Lines;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Accumulates the gradients of one block's values, and records what the forward pass must keep for
 * them. A product is computed and added to an existing gradient in one call.
 */
final class GradientSums {
  private static final Expression GIVEN = new Expression("g");
  private static final Expression KEPT = new Expression("s");

  private final Precision precision;
  private final Set<Value> dependents;
  private final Map<Value, Expression> names;
  private final Lines lines;
  private final Map<Value, Hold> holds = new HashMap<>();
  private final Map<String, Integer> kept = new LinkedHashMap<>();

  /**
   * For a block whose values have these names.
   *
   * @param dependents values that depend on the trainable weights
   */
  GradientSums(
      Precision precision, Set<Value> dependents, Map<Value, Expression> names, Lines lines) {
    this.precision = precision;
    this.dependents = dependents;
    this.names = names;
    this.lines = lines;
  }

  /** Starts from the block's outputs, whose gradients are in the list {@code g}. */
  void begin(List<Value> outputs) {
    for (int i = 0; i < outputs.size(); i++) {
      var y = outputs.get(i);
      keep(name(y));
      if (dependents.contains(y)) {
        lines.let(of(y), GIVEN.at(i));
        holds.put(y, Hold.SHARED);
      }
    }
  }

  /**
   * The gradients of the block's inputs as a list, with an empty tensor for inputs that have none.
   */
  Expression end(List<Value> inputs) {
    return list(
        inputs.stream()
            .map(x -> holds.containsKey(x) ? of(x) : nothing(GIVEN.at(0).device()))
            .toArray());
  }

  /** What the forward pass must keep, in the order of the list {@code s}. */
  List<String> kept() {
    return List.copyOf(kept.keySet());
  }

  /** The kept tensor that the forward pass calls {@code name}. */
  Expression keep(Expression name) {
    return KEPT.at(kept.computeIfAbsent(name.text(), key -> kept.size()));
  }

  /** The kept tensor of a value of the forward pass. */
  Expression kept(Value value) {
    return keep(name(value));
  }

  /** A value's name in the forward pass. */
  Expression name(Value value) {
    return Objects.requireNonNull(names.get(value));
  }

  /** The name of a value's gradient. */
  Expression of(Value value) {
    return new Expression("g" + name(value));
  }

  /** Whether the value needs a gradient. */
  boolean wants(Value value) {
    return dependents.contains(value);
  }

  /** Whether the value has a gradient already. */
  boolean has(Value value) {
    return holds.containsKey(value);
  }

  /** Whether a gradient's memory may be written to after it is passed on unchanged. */
  Hold passedOn(Value value) {
    return isShared(value) ? Hold.SHARED : Hold.OWNED;
  }

  /** Whether the value's gradient may also be another value's. */
  boolean isShared(Value value) {
    return holds.get(value) == Hold.SHARED;
  }

  /** Adds to the gradient of {@code x}, if it needs one. */
  void add(Value x, Expression gradient, Hold hold) {
    if (!dependents.contains(x)) {
      return;
    }
    var g = of(x);
    if (!has(x)) {
      lines.let(g, gradient);
      holds.put(x, hold);
    } else if (isShared(x)) {
      lines.let(g, Aten.add(g, gradient));
      holds.put(x, Hold.OWNED);
    } else {
      lines.let(g, addInPlace(g, gradient));
    }
  }

  /** Replaces the gradient of {@code x} with one that already includes it. */
  void replace(Value x, Expression gradient) {
    holds.remove(x);
    add(x, gradient, Hold.OWNED);
  }

  /** The gradient of {@code x}, (…, width), to be written to in part; zeros if it had none. */
  Expression whole(Value x, Expression like, int width) {
    var all = of(x);
    if (!has(x)) {
      lines.let(all, newZeros(like, sizes(like, width)));
    } else if (isShared(x)) {
      lines.let(all, Aten.clone(all));
    }
    holds.put(x, Hold.OWNED);
    return all;
  }

  /** {@code ∂x += left · right}, with the leading dimensions of {@code like}. */
  void product(Value x, Expression like, Expression left, Expression right) {
    if (!dependents.contains(x)) {
      return;
    }
    var g = of(x);
    if (holds.get(x) == Hold.WHOLE) {
      lines.spare(addmmInPlace(view(g, List.of(-1, size(g, -1))), left, right));
      return;
    }
    var sum =
        lines.spare(has(x) ? addmm(flatten(g, 0, -2), left, right) : mm(left, right)); // (B·T, in)
    lines.let(g, view(sum, sizes(like, size(sum, 1))));
    holds.put(x, Hold.WHOLE);
  }

  /** {@code ∂w += factor · leftᵀ · right}, for a trainable weight. */
  void weight(Expression w, Expression left, Expression right, double factor) {
    if (!precision.narrow()) {
      lines.spare(addmmInPlace(w.grad(), t(left), right, factor));
    } else {
      var product = lines.spare(to(mm(t(left), right), w.grad()));
      lines.spare(addInPlace(w.grad(), product, factor));
    }
  }

  /** {@code ∂w += Σ g} over the rows of g, (rows, features), on the device of w. */
  void vector(Expression w, Expression g) {
    var sum = !precision.narrow() ? Aten.sum(g, 0) : to(Aten.sum(g, 0, Aten.FLOAT32), w.grad());
    lines.spare(addInPlace(w.grad(), sum));
  }
}
