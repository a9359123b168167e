package io.lorashear.policy;

import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import io.lorashear.shape.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What settings want to go of a model, and what to stay. */
public interface Policy {
  /** The dense model. */
  Path checkpoint();

  /** Share of all parameters that goes, in (0, 1). */
  double ratio();

  /** What the smaller model looks like. */
  Shape shape();

  /** Of which the widths of MLPs are, or that of the residual stream. */
  int multiple();

  /** Largest share of one axis that may go, in (0, 1]. */
  double cap();

  /** A knowledge profile, where there is one. */
  Optional<Path> profile();

  /** What the profile decides. */
  ProfileUse profileAs();

  /** γ, share of the axes that the profile protects, in [0, 1). */
  double unprunable();

  /** Names of axes that lose nothing. */
  List<String> protect();

  /** Whether whole experts are removed, instead of channels inside them. */
  boolean experts();

  /** What one group may be. */
  default Set<AxisRole> structures() {
    return PruningSpace.structures(experts());
  }

  /**
   * Whether the budget is met by heads and channels alone; else by whole attentions, MLPs or
   * blocks, or by channels of the residual stream beside them.
   */
  default boolean byWidth() {
    return true;
  }
}
