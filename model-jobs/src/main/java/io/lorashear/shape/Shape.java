package io.lorashear.shape;

import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The shapes that can be chosen by name; see {@link ShapeRule}. */
public enum Shape {
  /** Any width. */
  FREE,
  /** One width of all MLPs; heads stay. */
  UNIFORM_FFN,
  /** One width of all MLPs, one number of heads, which divides the width of the residual stream. */
  UNIFORM,
  /**
   * Any width of an MLP; heads stay, but the attention of a layer, or the whole layer, may be
   * removed.
   */
  DECI;

  /**
   * Its rule for a model.
   *
   * @param multiple of MLPs' channels, at least 1
   * @param headsMayChange whether the model's configuration can express another number of heads of
   *     the same dimension
   */
  public ShapeRule rule(PruningSpace space, int multiple, boolean headsMayChange) {
    return switch (this) {
      case FREE -> new Free(multiple);
      case UNIFORM_FFN -> new Uniform(multiple, List.of());
      case UNIFORM -> new Uniform(multiple, headsMayChange ? headCounts(space) : List.of());
      case DECI -> Deci.of(space, multiple);
    };
  }

  /** Its name in settings and options. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Numbers of key-value heads whose query heads divide the residual stream, and the present
   * number.
   */
  static List<Integer> headCounts(PruningSpace space) {
    var axes =
        space.axes().stream().filter(axis -> axis.role() == AxisRole.KEY_VALUE_HEADS).toList();
    int hidden = space.axis(AxisRole.RESIDUAL.word()).size();
    int most = axes.stream().mapToInt(PrunableAxis::size).min().orElse(0);
    boolean even = axes.stream().allMatch(axis -> axis.size() == most);
    return IntStream.rangeClosed(1, most)
        .filter(
            heads ->
                even && heads == most
                    || axes.stream().allMatch(axis -> hidden % (heads * group(space, axis)) == 0))
        .boxed()
        .toList();
  }

  /** Query heads of a key-value head. */
  private static int group(PruningSpace space, PrunableAxis keyValueHeads) {
    var stem = keyValueHeads.name();
    var name =
        stem.substring(0, stem.length() - AxisRole.KEY_VALUE_HEADS.word().length())
            + AxisRole.QUERY_GROUP.word();
    return space.axes().stream()
        .filter(axis -> axis.name().equals(name))
        .mapToInt(PrunableAxis::size)
        .findFirst()
        .orElse(1); // one is no axis
  }
}
