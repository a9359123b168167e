package io.lorashear.policy;

import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.shape.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Settings of what is pruned and what is kept. */
public interface Policy {
  /** The dense model. */
  Path checkpoint();

  /** Share of all parameters that is pruned, in (0, 1). */
  double ratio();

  /** Shape of the smaller model. */
  Shape shape();

  /** Widths of MLPs, or of the residual stream, are multiples of this number. */
  int multiple();

  /** Largest share of one axis that may be pruned, in (0, 1]. */
  double cap();

  /** A knowledge profile, if there is one. */
  Optional<Path> profile();

  /** What the profile decides. */
  ProfileUse profileAs();

  /** γ, share of the axes that the profile protects, in [0, 1). */
  double unprunable();

  /** Whether the profile decides anything; not if it only protects axes, and protects none. */
  default boolean readsProfile() {
    return profileAs() == ProfileUse.BUDGET || unprunable() > 0;
  }

  /** Names of axes that are not pruned. */
  List<String> protect();

  /** Whether whole experts are removed, instead of channels inside them. */
  boolean experts();

  /** Roles of the axes whose groups are pruned. */
  default Set<AxisRole> structures() {
    return PruningSpace.structures(experts());
  }

  /**
   * Whether only heads and channels are pruned to meet the budget; if false, also whole attentions,
   * MLPs or blocks, or channels of the residual stream.
   */
  default boolean byWidth() {
    return true;
  }
}
