package io.lorashear.saliency;

import ai.djl.ndarray.NDArray;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Sought.Found;
import java.util.HashSet;
import java.util.Set;

/** Which matrices are stored as (in, out), and a view of each matrix as (out, in). */
public final class Orientation {
  private final Set<String> turned = new HashSet<>();

  /** The orientation of the matrices of {@code graph}. */
  public Orientation(ModelGraph graph) {
    Sought.LINEAR.in(graph).stream()
        .map(Found::operator)
        .filter(linear -> linear.layout() == Layout.IN_OUT)
        .forEach(linear -> turned.add(linear.weight()));
  }

  /** {@code stored} as (out, in): itself or a view of it. */
  public NDArray outIn(String name, NDArray stored) {
    return turned.contains(name) ? stored.transpose(1, 0) : stored;
  }

  /** The index of a stored dimension in that view, and vice versa. */
  public int dimension(String name, int stored) {
    return turned.contains(name) ? 1 - stored : stored;
  }
}
