package io.lorashear.torch.compile;

import static io.lorashear.torch.script.Aten.ZERO;
import static io.lorashear.torch.script.Aten.addInPlace;
import static io.lorashear.torch.script.Aten.eq;
import static io.lorashear.torch.script.Aten.flatten;
import static io.lorashear.torch.script.Aten.maskedFill;
import static io.lorashear.torch.script.Aten.mm;
import static io.lorashear.torch.script.Aten.mulInPlace;
import static io.lorashear.torch.script.Aten.t;

import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Operator.MaskedLinear;
import io.lorashear.graph.Value;
import io.lorashear.torch.script.Expression;
import io.lorashear.torch.script.Lines;
import java.util.Set;
import java.util.function.Function;

/**
 * A LoRA pair that is trained only where its base weight is not zero, as TorchScript. With g the
 * gradient of y:
 *
 * <pre>
 *   E = W + s·(B A)∘M,  M = [W ≠ 0]        y = E x + b
 *   G = s·(g xᵀ)∘M                         ∂B += G Aᵀ,  ∂A += Bᵀ G,  ∂x += Eᵀ g
 * </pre>
 *
 * E and G are as large as W, but exist for one matrix at a time; only x is kept for the backward
 * pass.
 */
final class MaskedProduct {
  private final MaskedLinear masked;
  private final Lines lines;
  private final Expression prefix;
  private final Expression w; // (out, in)
  private final Expression a; // (rank, in)
  private final Expression b; // (out, rank)

  /**
   * Writes nothing yet.
   *
   * @param prefix prefix of the names of intermediate values
   * @param weight the expression of a frozen weight, by name
   */
  MaskedProduct(
      MaskedLinear masked, Lines lines, Expression prefix, Function<String, Expression> weight) {
    this.masked = masked;
    this.lines = lines;
    this.prefix = prefix;
    var linear = masked.linear();
    var stored = weight.apply(linear.weight());
    this.w = linear.layout() == Layout.OUT_IN ? stored : t(stored);
    this.a = weight.apply(masked.a());
    this.b = weight.apply(masked.b());
  }

  /** Writes E, (out, in), bitwise equal to the merged weight. */
  Expression effective() {
    return lines.let(prefix.part("e"), addInPlace(masked(mm(b, a)), w));
  }

  /**
   * Adds to the gradients of the pair and of x; here the prefix is the gradient of y, (B, T, out).
   *
   * @param place the expression of a trainable weight, by name
   */
  void backward(
      Value input, GradientSums sums, Set<String> learning, Function<String, Expression> place) {
    var g = lines.let(prefix.part("2"), flatten(prefix, 0, -2)); // (B·T, out)
    var x = flatten(sums.kept(input), 0, -2); // (B·T, in)
    var all = lines.let(prefix.part("w"), masked(mm(t(g), x))); // (out, in)
    if (learning.contains(masked.b())) {
      sums.weight(place.apply(masked.b()), t(all), t(a), 1);
    }
    if (learning.contains(masked.a())) {
      sums.weight(place.apply(masked.a()), b, all, 1);
    }
    if (sums.wants(input)) {
      sums.product(input, prefix, g, effective());
    }
  }

  /** {@code s·x∘M}, (out, in). */
  private Expression masked(Expression x) {
    return mulInPlace(maskedFill(x, eq(w, ZERO), ZERO), masked.scale());
  }
}
