package io.lorashear.torch;

import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.Rotary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Tensors that depend on where tokens stand, not on which they are. They are computed once a call
 * and shared by all layers: element {@code t[i]} of a list. Tokens stand in rows, each seeing those
 * before it; or in a tree, each seeing its ancestors: node j is seen by i if {@code j ≤ i <
 * ends[j]}.
 */
final class Tables {
  /** Number of a table's first element in the list, by what it is a table of. */
  private final Map<Object, Integer> places = new LinkedHashMap<>();

  private final StringBuilder text = new StringBuilder();
  private final boolean tree;
  private int size;

  private record Window(int positions) {}

  Tables(ModelGraph graph, boolean tree) {
    this.tree = tree;
    for (var node : graph.nodes()) {
      if (node.operator() instanceof Rotary rotary) {
        rotary(rotary.frequencies());
      } else if (node.operator() instanceof Attention attention) {
        mask(attention);
      }
    }
  }

  /** Cosines (T, 1, n); the sines stand one place further. */
  int rotary(List<Double> frequencies) {
    return places.computeIfAbsent(
        frequencies,
        key -> {
          var numbers =
              frequencies.stream().map(Number::toString).collect(Collectors.joining(", "));
          line("f = torch.tensor([%s], dtype=6, device=ids.device)", numbers); // (n)
          line("a = torch.unsqueeze(torch.outer(p, f), 1)"); // (T, 1, n)
          line("t = torch.append(t, torch.cos(a))");
          line("t = torch.append(t, torch.sin(a))");
          size += 2;
          return size - 2;
        });
  }

  /**
   * Which keys (columns) a query (row) may see, (T, T), for attention that is not plainly causal.
   */
  int mask(Attention attention) {
    int positions = attention.window() == null ? Integer.MAX_VALUE : attention.window();
    if (positions == Integer.MAX_VALUE && attention.softCap() == null && !tree) {
      return -1;
    }
    return places.computeIfAbsent(
        new Window(positions),
        key -> {
          line("d = torch.unsqueeze(p, 1) - torch.unsqueeze(p, 0)"); // (T, T)
          line(
              "s = %s",
              tree
                  ? "torch.logical_and(torch.ge(i, torch.t(i)), torch.lt(i, ends))"
                  : "torch.ge(d, 0)");
          line("t = torch.append(t, torch.logical_and(s, torch.lt(d, %d)))", positions);
          return size++;
        });
  }

  private void line(String format, Object... values) {
    text.append("    ").append(String.format(format, values)).append('\n');
  }

  /** What {@code tables} takes beside the ids, as declared. */
  String declared() {
    return tree ? "    positions: Tensor,\n    ends: Tensor,\n" : "";
  }

  /** A call of {@code tables}. */
  String call() {
    return tree ? "self.tables(ids, positions, ends)" : "self.tables(ids)";
  }

  /** Method {@code tables}. */
  String method() {
    var arguments = ("    ids: Tensor,\n" + declared()).stripTrailing().replaceAll(",$", "");
    return """
          def tables(self: __torch__.M,
        %s) -> List[Tensor]:
            t = annotate(List[Tensor], [])
            i = torch.unsqueeze(torch.arange(torch.size(ids, 1), device=ids.device), 1)
            p = torch.to(%s, 6)
        %s    return t
        """
        .formatted(arguments, tree ? "positions" : "torch.squeeze(i, 1)", text);
  }
}
