package io.lorashear.dependency;

import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import java.util.List;
import java.util.Set;

/**
 * Result of the analysis for one axis, the paper's node group. One index of it is a removal group.
 *
 * @param reason why it is not prunable, or not by default; empty if it is
 * @param least number of indices that must stay, at least 1
 * @param zeroing which slices, when zero, make the group contribute exactly nothing
 */
public record PrunableAxis(
    Axis axis,
    Status status,
    String reason,
    int least,
    Set<Access> zeroing,
    List<ParameterSlice> slices) {

  /** Whether indices may be removed. */
  public enum Status {
    PRUNABLE,
    /** Prunable on request only: few programs load the result. */
    OFF_BY_DEFAULT,
    UNPRUNABLE
  }

  /** The axis's name, unique in its graph. */
  public String name() {
    return axis.name();
  }

  /** Number of removal groups. */
  public int size() {
    return axis.indices();
  }

  /** The role of the axis: what one index stands for. */
  public AxisRole role() {
    return axis.role();
  }

  /** The slices that are decayed and zeroed when groups are removed. */
  public List<ParameterSlice> zeroed() {
    return slices.stream().filter(slice -> zeroing.contains(slice.access())).toList();
  }

  /** The group's own outputs. */
  public List<ParameterSlice> written() {
    return slices.stream().filter(slice -> slice.access() == Access.WRITTEN).toList();
  }
}
