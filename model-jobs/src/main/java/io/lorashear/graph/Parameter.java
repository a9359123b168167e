package io.lorashear.graph;

import java.util.List;

/** A weight: its name in the checkpoint and what each of its dimensions is made of. */
public record Parameter(String name, List<Extent> extents) {

  /** Its sizes as traced. */
  public long[] shape() {
    return extents.stream().mapToLong(Extent::size).toArray();
  }

  /** Its number of elements as traced. */
  public long elements() {
    return extents.stream().mapToLong(Extent::size).reduce(1, Math::multiplyExact);
  }
}
