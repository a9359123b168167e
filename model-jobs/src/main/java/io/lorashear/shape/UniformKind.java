package io.lorashear.shape;

import io.lorashear.graph.AxisRole;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Axes that get one width under {@link Uniform}.
 *
 * @param widths allowed widths, the widest first; none is wider than the narrowest axis
 */
record UniformKind(List<Steps> axes, List<Integer> widths) {

  /**
   * The kind of {@code axes}.
   *
   * @param multiple widths of channels are multiples of it
   * @param heads numbers of heads allowed numbers of heads
   */
  static UniformKind of(List<Steps> axes, int multiple, List<Integer> heads) {
    int widest = axes.stream().mapToInt(axis -> axis.axis().width()).min().orElseThrow();
    int narrowest =
        axes.stream().mapToInt(a -> a.axis().width() - a.axis().most()).max().orElseThrow();
    var role = axes.get(0).axis().axis().role();
    return new UniformKind(
        axes,
        IntStream.rangeClosed(narrowest, widest)
            .filter(width -> role != AxisRole.CHANNELS || width % multiple == 0)
            .filter(width -> role != AxisRole.KEY_VALUE_HEADS || heads.contains(width))
            .boxed()
            .sorted(Comparator.reverseOrder())
            .toList());
  }

  /** Number of parameters to remove until all axes have that width. */
  long removed(int width) {
    return axes.stream().mapToLong(a -> a.axis().cost() * (a.axis().width() - width)).sum();
  }

  /** Sum of parameters · saliency of the groups that are removed then. */
  double salience(int width) {
    return axes.stream().mapToDouble(a -> a.salience(a.axis().width() - width)).sum();
  }
}
