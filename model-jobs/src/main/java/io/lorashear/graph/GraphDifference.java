package io.lorashear.graph;

import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.LayerNorm;
import io.lorashear.graph.Operator.RmsNorm;
import io.lorashear.graph.Operator.Rotary;
import io.lorashear.graph.Operator.Scale;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Where two forward passes compute different things. Numbers count as the same when float32 cannot
 * tell them apart, and a window when no text of the model is longer.
 *
 * @param positions tokens of the longest text
 */
public record GraphDifference(int positions) {
  private static final double ALIKE = 1e-6;

  /** The first difference: where it is, what {@code one} does there and what {@code other}. */
  public record Found(String place, String one, String other) {}

  /** The first operator, connection or parameter that differs. */
  public Optional<Found> between(ModelGraph one, ModelGraph other) {
    for (int i = 0; i < Math.max(one.nodes().size(), other.nodes().size()); i++) {
      var a = i < one.nodes().size() ? one.nodes().get(i) : null;
      var b = i < other.nodes().size() ? other.nodes().get(i) : null;
      if (a == null || b == null || !alike(a, b)) {
        return Optional.of(new Found(place(a == null ? b : a), brief(a), brief(b)));
      }
    }
    for (var parameter : one.parameters().values()) {
      var twin = other.parameter(parameter.name());
      var shapes = List.of(List.of(box(parameter.shape())), List.of(box(twin.shape())));
      if (!shapes.get(0).equals(shapes.get(1))) {
        return Optional.of(
            new Found(parameter.name(), shapes.get(0).toString(), shapes.get(1).toString()));
      }
    }
    return Optional.empty();
  }

  private static List<Long> box(long[] shape) {
    return IntStream.range(0, shape.length).mapToObj(i -> shape[i]).toList();
  }

  private static String place(@Nullable Node node) {
    return node == null || node.scope().isEmpty() ? "the model" : node.scope();
  }

  private static String brief(@Nullable Node node) {
    if (node == null) {
      return "nothing";
    }
    if (node.operator() instanceof Rotary rotary) {
      var table = rotary.table();
      double last = table.shorter().get(table.pairs() - 1);
      return String.format(
          Locale.ROOT, "turning %d pairs, the last by %.3g a token", table.pairs(), last);
    }
    return node.operator().toString();
  }

  private boolean alike(Node a, Node b) {
    return alike(a.operator(), b.operator())
        && a.inputs().equals(b.inputs())
        && a.output().equals(b.output());
  }

  private boolean alike(Operator a, Operator b) {
    if (a instanceof Rotary one && b instanceof Rotary other) {
      return alike(one.table(), other.table());
    }
    if (a instanceof Attention one && b instanceof Attention other) {
      return close(one.scale(), other.scale())
          && Objects.equals(felt(one.window()), felt(other.window()))
          && alike(one.softCap(), other.softCap());
    }
    if (a instanceof RmsNorm one && b instanceof RmsNorm other) {
      return close(one.epsilon(), other.epsilon())
          && a.equals(new RmsNorm(other.weight(), one.epsilon(), other.divisor(), other.offset()));
    }
    if (a instanceof LayerNorm one && b instanceof LayerNorm other) {
      return close(one.epsilon(), other.epsilon())
          && a.equals(new LayerNorm(other.weight(), other.bias(), one.epsilon()));
    }
    if (a instanceof Scale one && b instanceof Scale other) {
      return close(one.factor(), other.factor());
    }
    return a.equals(b);
  }

  /** A window that hides something from somebody. */
  private @Nullable Integer felt(@Nullable Integer window) {
    return window == null || window >= positions ? null : window;
  }

  private static boolean alike(@Nullable Double a, @Nullable Double b) {
    return a == null || b == null ? a == null && b == null : close(a, b);
  }

  private boolean alike(RotaryTable a, RotaryTable b) {
    return alike(a.shorter(), b.shorter())
        && alike(a.longer(), b.longer())
        && (a.length() == b.length() || !a.changes() && a.growth() == 0)
        && close(a.growth(), b.growth())
        && close(a.magnitude(), b.magnitude())
        && close(a.emphasis(), b.emphasis())
        && (a.step() == b.step() || a.emphasis() == 0);
  }

  private static boolean alike(List<Double> a, List<Double> b) {
    return a.size() == b.size()
        && IntStream.range(0, a.size()).allMatch(i -> close(a.get(i), b.get(i)));
  }

  private static boolean close(double a, double b) {
    return Math.abs(a - b) <= ALIKE * Math.max(Math.abs(a), Math.abs(b));
  }
}
