package io.lorashear.torch;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.PositionEmbedding;
import io.lorashear.graph.Operator.Rotary;
import io.lorashear.graph.RotaryTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Tensors that depend on where tokens stand, not on which they are. They are computed once a call
 * and shared by all layers: element {@code t[i]} of a list.
 */
final class Tables {
  /** Number of a table's first element in the list, by what it is a table of. */
  private final Map<Object, Integer> places = new LinkedHashMap<>();

  private final StringBuilder text = new StringBuilder();
  private final Arrangement arrangement;
  private final Precision precision;
  private int size;

  private record Window(int positions) {}

  private record Positions() {}

  Tables(ModelGraph graph, Arrangement arrangement, Precision precision) {
    this.arrangement = arrangement;
    this.precision = precision;
    for (var node : graph.nodes()) {
      if (node.operator() instanceof Rotary rotary) {
        rotary(rotary.table());
      } else if (node.operator() instanceof Attention attention) {
        mask(attention);
      } else if (node.operator() instanceof PositionEmbedding) {
        positions();
      }
    }
  }

  /** Cosines (…, T, 1, 2n), each twice; the sines, negative the first time, one place further. */
  int rotary(RotaryTable table) {
    return places.computeIfAbsent(
        table,
        key -> {
          frequencies("f", table.shorter()); // (n)
          byLength(table); // (…, n)
          line("a = torch.unsqueeze(torch.mul(torch.unsqueeze(p, -1), f), -2)"); // (…, T, 1, n)
          emphasis(table);
          line("c = %s", grown("torch.cos(a)", table));
          line("t = torch.append(t, %s)", precision.narrow("torch.cat([c, c], -1)"));
          line("s = %s", grown("torch.sin(a)", table));
          line("t = torch.append(t, %s)", precision.narrow("torch.cat([torch.neg(s), s], -1)"));
          size += 2;
          return size - 2;
        });
  }

  /** Frequencies f of the sequence's length, (…, n), out of those of short ones, (n). */
  private void byLength(RotaryTable table) {
    if (table.changes()) {
      frequencies("g", table.longer()); // (n)
      line("l = torch.gt(%s, %d)", arrangement.length, table.length()); // () or (B, T)
      line("f = torch.where(torch.unsqueeze(l, -1), g, f)");
    }
    if (table.growth() > 0) {
      frequencies("e", table.exponents()); // (n)
      line("l = torch.div(torch.to(%s, 6), %d.)", arrangement.length, table.length());
      line("l = torch.clamp(torch.add(torch.mul(torch.sub(l, 1), %s), 1), 1)", table.growth());
      line("f = torch.mul(f, torch.pow(torch.unsqueeze(l, -1), e))");
    }
  }

  private void frequencies(String name, List<Double> values) {
    var numbers = values.stream().map(Number::toString).collect(Collectors.joining(", "));
    line("%s = torch.tensor([%s], dtype=6, device=ids.device)", name, numbers);
  }

  /** What cosines and sines grow by at each position: (…, T, 1, 1). */
  private void emphasis(RotaryTable table) {
    if (table.emphasis() != 0) {
      line("m = torch.log(torch.add(torch.floor(torch.div(p, %d.)), 1))", table.step());
      line("m = torch.add(torch.mul(m, %s), 1)", table.emphasis());
      line("m = torch.unsqueeze(torch.unsqueeze(m, -1), -1)");
    }
  }

  private static String grown(String numbers, RotaryTable table) {
    var grown =
        table.magnitude() == 1 ? numbers : "torch.mul(" + numbers + ", " + table.magnitude() + ")";
    return table.emphasis() == 0 ? grown : "torch.mul(" + grown + ", m)";
  }

  /** Whether each row has positions of its own. */
  boolean packed() {
    return arrangement == Arrangement.PACKED;
  }

  /** Where each token stands, as whole numbers (T), packed (B, T). */
  int positions() {
    return places.computeIfAbsent(
        new Positions(),
        key -> {
          line("t = torch.append(t, torch.to(p, 4))");
          return size++;
        });
  }

  /**
   * Which keys (columns) a query (row) may see, (T, keys) or packed (B, 1, T, keys), for attention
   * that is not plainly causal; −1 where it is.
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
          line("k = %s", arrangement.keys);
          if (arrangement == Arrangement.CONTINUED && attention.window() != null) {
            line("k = torch.slice(k, 0, %d - torch.size(ids, 1))", 1 - positions); // those kept
          }
          line("d = torch.unsqueeze(p, -1) - torch.unsqueeze(k, -2)"); // (…, T, keys)
          line("s = torch.logical_and(%s, torch.lt(d, %d))", arrangement.visible, positions);
          line("t = torch.append(t, %s)", packed() ? "torch.unsqueeze(s, 1)" : "s");
          return size++;
        });
  }

  private void line(String format, Object... values) {
    text.append("    ").append(String.format(format, values)).append('\n');
  }

  /** Method {@code tables}. */
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
            text);
  }
}
