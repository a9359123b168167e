package io.lorashear.torch.compile;

import static io.lorashear.torch.script.Aten.FLOAT32;
import static io.lorashear.torch.script.Aten.INT64;
import static io.lorashear.torch.script.Aten.add;
import static io.lorashear.torch.script.Aten.cat;
import static io.lorashear.torch.script.Aten.clamp;
import static io.lorashear.torch.script.Aten.cos;
import static io.lorashear.torch.script.Aten.div;
import static io.lorashear.torch.script.Aten.floor;
import static io.lorashear.torch.script.Aten.gt;
import static io.lorashear.torch.script.Aten.log;
import static io.lorashear.torch.script.Aten.logicalAnd;
import static io.lorashear.torch.script.Aten.lt;
import static io.lorashear.torch.script.Aten.mul;
import static io.lorashear.torch.script.Aten.neg;
import static io.lorashear.torch.script.Aten.pow;
import static io.lorashear.torch.script.Aten.sin;
import static io.lorashear.torch.script.Aten.size;
import static io.lorashear.torch.script.Aten.slice;
import static io.lorashear.torch.script.Aten.sub;
import static io.lorashear.torch.script.Aten.tensor;
import static io.lorashear.torch.script.Aten.to;
import static io.lorashear.torch.script.Aten.unsqueeze;
import static io.lorashear.torch.script.Aten.where;
import static io.lorashear.torch.script.Expression.real;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.RotaryTable;
import io.lorashear.graph.Sought;
import io.lorashear.torch.script.Aten;
import io.lorashear.torch.script.Expression;
import io.lorashear.torch.script.Lines;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tensors that depend on the positions of tokens, not on the tokens themselves. They are computed
 * once per call and shared by all layers, as elements {@code t[i]} of a list.
 */
final class Tables {
  private static final Expression T = new Expression("t");
  private static final Expression P = new Expression("p"); // positions (…, T)
  private static final Expression F = new Expression("f"); // frequencies (…, n)
  private static final Expression L = new Expression("l");
  private static final Expression M = new Expression("m"); // (…, T, 1, 1)
  private static final Expression IDS = new Expression("ids");

  /** Index of a table's first element in the list, by the object that describes the table. */
  private final Map<Object, Integer> places = new LinkedHashMap<>();

  private final Lines lines = new Lines();
  private final Arrangement arrangement;
  private final Casts casts;
  private int size;

  private record Window(int positions) {}

  private record Positions() {}

  Tables(ModelGraph graph, Arrangement arrangement, Precision precision) {
    this.arrangement = arrangement;
    this.casts = new Casts(precision);
    for (var node : graph.nodes()) {
      Sought.ROTARY.of(node).ifPresent(rotary -> rotary(rotary.table()));
      Sought.ATTENTION.of(node).ifPresent(this::mask);
      Sought.POSITION_EMBEDDING.of(node).ifPresent(embedding -> positions());
    }
  }

  /** The element of the list at that index. */
  Expression at(int place) {
    return T.at(place);
  }

  /** The seed of a block's random draws, which follows all tables. */
  Expression seed() {
    return T.at(-1);
  }

  private int append(Expression table) {
    lines.let(T, Aten.append(T, table));
    return size++;
  }

  /**
   * Index of the cosines (…, T, 1, 2n), each twice; the sines, negated the first time, are at the
   * next index.
   */
  int rotary(RotaryTable table) {
    return places.computeIfAbsent(
        table,
        key -> {
          lines.let(F, numbers(table.shorter())); // (n)
          byLength(table); // (…, n)
          var a = let("a", unsqueeze(mul(unsqueeze(P, -1), F), -2)); // (…, T, 1, n)
          emphasis(table);
          var c = let("c", grown(cos(a), table));
          int place = append(casts.narrow(cat(List.of(c, c), -1)));
          var s = let("s", grown(sin(a), table));
          append(casts.narrow(cat(List.of(neg(s), s), -1)));
          return place;
        });
  }

  /**
   * Turns the frequencies f for short sequences, (n), into those for the sequence's length, (…, n).
   */
  private void byLength(RotaryTable table) {
    var length = new Expression(arrangement.length); // () or (B, T)
    if (table.changes()) {
      var g = let("g", numbers(table.longer())); // (n)
      lines.let(L, gt(length, table.length())); // () or (B, T)
      lines.let(F, where(unsqueeze(L, -1), g, F));
    }
    if (table.growth() > 0) {
      var e = let("e", numbers(table.exponents())); // (n)
      lines.let(L, div(to(length, FLOAT32), real(table.length())));
      lines.let(L, clamp(add(mul(sub(L, 1), table.growth()), 1), 1));
      lines.let(F, mul(F, pow(unsqueeze(L, -1), e)));
    }
  }

  private static Expression numbers(List<Double> values) {
    return tensor(values, IDS.device());
  }

  /** The factor by which cosines and sines grow at each position: (…, T, 1, 1). */
  private void emphasis(RotaryTable table) {
    if (table.emphasis() != 0) {
      lines.let(M, log(add(floor(div(P, real(table.step()))), 1)));
      lines.let(M, add(mul(M, table.emphasis()), 1));
      lines.let(M, unsqueeze(unsqueeze(M, -1), -1));
    }
  }

  private static Expression grown(Expression numbers, RotaryTable table) {
    var grown = table.magnitude() == 1 ? numbers : mul(numbers, table.magnitude());
    return table.emphasis() == 0 ? grown : mul(grown, M);
  }

  /** Whether each row has positions of its own. */
  boolean packed() {
    return arrangement == Arrangement.PACKED;
  }

  /** Index of the positions of tokens, as integers (T), packed (B, T). */
  int positions() {
    return places.computeIfAbsent(new Positions(), key -> append(to(P, INT64)));
  }

  /**
   * Index of the mask of keys (columns) that a query (row) may attend to, (T, keys) or packed (B,
   * 1, T, keys); −1 for plain causal attention, which needs no mask.
   */
  int mask(Attention attention) {
    int positions = attention.window() == null ? Integer.MAX_VALUE : attention.window();
    boolean causal = positions == Integer.MAX_VALUE && arrangement.causal();
    if (causal && attention.softCap() == null) {
      return -1;
    }
    return places.computeIfAbsent(
        new Window(positions),
        key -> {
          var k = let("k", new Expression(arrangement.keys));
          if (arrangement == Arrangement.CONTINUED && attention.window() != null) {
            var first = new Expression("" + (1 - positions)).minus(size(IDS, 1));
            lines.let(k, slice(k, 0, first)); // the cached ones
          }
          var d = let("d", unsqueeze(P, -1).minus(unsqueeze(k, -2))); // (…, T, keys)
          var visible = new Expression(arrangement.visible);
          var s = let("s", logicalAnd(visible, lt(d, positions)));
          return append(packed() ? unsqueeze(s, 1) : s);
        });
  }

  private Expression let(String name, Expression value) {
    return lines.let(new Expression(name), value);
  }

  /** The method {@code tables}. */
  String method() {
    var arguments = ("    ids: Tensor,\n" + arrangement.declared).stripTrailing();
    return """
      def %stables(self: __torch__.M,
    %s) -> List[Tensor]:
        t = annotate(List[Tensor], [])
        i = torch.unsqueeze(torch.arange(torch.size(ids, 1), device=ids.device), 1)
        p = torch.to(%s, 6)
    %s    return t
    """
        .formatted(
            arrangement.prefix,
            arguments.substring(0, arguments.length() - 1),
            arrangement.positions,
            lines);
  }
}
