package io.lorashear.torch.compile;

import static io.lorashear.torch.script.Aten.FLOAT32;
import static io.lorashear.torch.script.Aten.MINUS_INFINITY;
import static io.lorashear.torch.script.Aten.expand;
import static io.lorashear.torch.script.Aten.flatten;
import static io.lorashear.torch.script.Aten.floordiv;
import static io.lorashear.torch.script.Aten.logicalNot;
import static io.lorashear.torch.script.Aten.maskedFill;
import static io.lorashear.torch.script.Aten.matmul;
import static io.lorashear.torch.script.Aten.mul;
import static io.lorashear.torch.script.Aten.size;
import static io.lorashear.torch.script.Aten.softmax;
import static io.lorashear.torch.script.Aten.tanh;
import static io.lorashear.torch.script.Aten.transpose;
import static io.lorashear.torch.script.Aten.unsqueeze;
import static io.lorashear.torch.script.Expression.self;
import static io.lorashear.torch.script.Expression.tensors;

import io.lorashear.graph.Operator.Attention;
import io.lorashear.torch.script.Expression;
import io.lorashear.torch.script.Lines;
import java.util.List;

/**
 * Attention as TorchScript, for every arrangement of tokens, with or without a soft cap on scores.
 */
final class AttentionText {
  private final Tables tables;
  private final Arrangement arrangement;
  private final Precision precision;
  private final Casts casts;
  private final Lines lines;
  private int remembered;

  AttentionText(Tables tables, Arrangement arrangement, Precision precision, Lines lines) {
    this.tables = tables;
    this.arrangement = arrangement;
    this.precision = precision;
    this.casts = new Casts(precision);
    this.lines = lines;
  }

  /**
   * Writes the lines before y = attention(q, k, v), where x holds q (B, T, heads, headDim), k and
   * v; returns the expression of y.
   */
  Expression of(Attention attention, List<Expression> x, Expression y) {
    var q = x.get(0);
    var k = remember(attention, x.get(1)); // (B, keys, groups, headDim)
    var v = remember(attention, x.get(2)); // (B, keys, groups, headDim)
    var cap = attention.softCap();
    return cap == null
        ? fused(attention, q, k, v)
        : capped(attention.scale(), cap, tables.mask(attention), List.of(q, k, v), y);
  }

  /**
   * Appends keys or values to those of earlier calls and caches those later tokens may attend to.
   */
  private Expression remember(Attention attention, Expression x) {
    if (arrangement != Arrangement.CONTINUED) {
      return x;
    }
    var window = attention.window();
    var place = new Expression("o + " + remembered++);
    var all =
        window == null
            ? self("kept", "c", place, x, "past")
            : self("shown", "c", place, x, "past", window - 1);
    return lines.let(x.part("all"), all); // (B, keys, groups, headDim)
  }

  private Expression fused(Attention attention, Expression q, Expression k, Expression v) {
    int mask = tables.mask(attention);
    var seen = mask < 0 ? List.<Expression>of() : List.of(tables.at(mask));
    var method = precision.narrow() ? "fused" : "attend";
    return self(method, q, k, v, attention.scale(), tensors(seen)); // (B, T, heads, headDim)
  }

  /** Every key-value head is repeated for the query heads of its group. */
  private Expression capped(double scale, double cap, int mask, List<Expression> x, Expression y) {
    var group = lines.let(y.part("g"), floordiv(size(x.get(0), 2), size(x.get(1), 2)));
    var q = lines.let(y.part("q"), transpose(x.get(0), 1, 2)); // (B, heads, T, headDim)
    var k = repeated(y.part("k"), x.get(1), group); // (B, heads, keys, headDim)
    var v = repeated(y.part("v"), x.get(2), group); // (B, heads, keys, headDim)
    var s = lines.let(y.part("s"), matmul(q, transpose(k, 2, 3))); // (B, heads, T, keys)
    lines.let(s, mul(tanh(mul(s, scale / cap)), cap));
    lines.let(s, maskedFill(s, logicalNot(tables.at(mask)), MINUS_INFINITY));
    lines.let(s, casts.narrow(softmax(s, FLOAT32)));
    var o = lines.let(y.part("o"), matmul(s, v)); // (B, heads, T, headDim)
    return transpose(o, 1, 2); // (B, T, heads, headDim)
  }

  private Expression repeated(Expression name, Expression side, Expression group) {
    lines.let(name, expand(unsqueeze(side, 3), List.of(-1, -1, -1, group, -1)));
    return lines.let(name, transpose(flatten(name, 2, 3), 1, 2));
  }
}
