package io.lorashear.graph;

import io.lorashear.graph.Operator.Activate;
import io.lorashear.graph.Operator.Add;
import io.lorashear.graph.Operator.Attention;
import io.lorashear.graph.Operator.Collect;
import io.lorashear.graph.Operator.Dispatch;
import io.lorashear.graph.Operator.Embedding;
import io.lorashear.graph.Operator.LayerNorm;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Operator.MaskedLinear;
import io.lorashear.graph.Operator.MergeHeads;
import io.lorashear.graph.Operator.Multiply;
import io.lorashear.graph.Operator.Part;
import io.lorashear.graph.Operator.PositionEmbedding;
import io.lorashear.graph.Operator.RmsNorm;
import io.lorashear.graph.Operator.RootScale;
import io.lorashear.graph.Operator.Rotary;
import io.lorashear.graph.Operator.Route;
import io.lorashear.graph.Operator.Scale;
import io.lorashear.graph.Operator.SplitHeads;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds where two forward passes differ. Numbers count as equal if float32 cannot tell them apart,
 * and attention windows if no text of the model is longer.
 *
 * @param positions tokens of the longest text
 */
public record GraphDifference(int positions) {
  private static final double ALIKE = 1e-6;

  /**
   * The first difference: where it is, what {@code one} does there, and what {@code other} does.
   */
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
    return Sought.ROTARY
        .of(node)
        .map(rotary -> brief(rotary.table()))
        .orElse(node.operator().toString());
  }

  private static String brief(RotaryTable table) {
    double last = table.shorter().get(table.pairs() - 1);
    return String.format(
        Locale.ROOT, "turning %d pairs, the last by %.3g a token", table.pairs(), last);
  }

  private boolean alike(Node a, Node b) {
    return a.operator().kind() == b.operator().kind()
        && a.operator().read(new Alike(b))
        && a.inputs().equals(b.inputs())
        && a.output().equals(b.output());
  }

  /** Whether an operator computes the same as that of {@code twin}, which is of the same kind. */
  private final class Alike implements Reading<Boolean> {
    private final Node twin;

    Alike(Node twin) {
      this.twin = twin;
    }

    private <O extends Operator> O same(Sought<O> kind) {
      return kind.of(twin).orElseThrow();
    }

    @Override
    public Boolean embedding(Embedding one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean positionEmbedding(PositionEmbedding one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean linear(Linear one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean maskedLinear(MaskedLinear one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean add(Add one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean multiply(Multiply one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean scale(Scale one) {
      return close(one.factor(), same(Sought.SCALE).factor());
    }

    @Override
    public Boolean rootScale(RootScale one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean route(Route one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean dispatch(Dispatch one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean collect(Collect one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean activate(Activate one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean rmsNorm(RmsNorm one) {
      var other = same(Sought.RMS_NORM);
      return close(one.epsilon(), other.epsilon())
          && one.equals(
              new RmsNorm(other.weight(), one.epsilon(), other.divisor(), other.offset()));
    }

    @Override
    public Boolean layerNorm(LayerNorm one) {
      var other = same(Sought.LAYER_NORM);
      return close(one.epsilon(), other.epsilon())
          && one.equals(new LayerNorm(other.weight(), other.bias(), one.epsilon()));
    }

    @Override
    public Boolean splitHeads(SplitHeads one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean mergeHeads(MergeHeads one) {
      return one.equals(twin.operator());
    }

    @Override
    public Boolean rotary(Rotary one) {
      return alike(one.table(), same(Sought.ROTARY).table());
    }

    @Override
    public Boolean attention(Attention one) {
      var other = same(Sought.ATTENTION);
      return close(one.scale(), other.scale())
          && Objects.equals(felt(one.window()), felt(other.window()))
          && alike(one.softCap(), other.softCap());
    }

    @Override
    public Boolean part(Part one) {
      return one.equals(twin.operator());
    }
  }

  /** The window, or null if it hides no position of any text. */
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
