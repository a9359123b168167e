package io.lorashear.dependency;

import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import java.util.List;
import java.util.Set;

/**
 * What the analysis found of one axis: the paper's node group. One index of it is a removal group.
 *
 * @param reason why it is not prunable, or not by default; empty where it is
 * @param least how many indices must stay, at least 1
 * @param zeroing which slices, when zero, make the group contribute exactly nothing
 */
public record PrunableAxis(
    Axis axis,
    Status status,
    String reason,
    int least,
    Set<Access> zeroing,
    List<ParameterSlice> slices) {

  /** Whether indices may go. */
  public enum Status {
    PRUNABLE,
    /** Possible, but only when asked: few programs load the result. */
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

  /** What one index is. */
  public AxisRole role() {
    return axis.role();
  }

  /** The slices that are decayed and zeroed when groups go. */
  public List<ParameterSlice> zeroed() {
    return slices.stream().filter(slice -> zeroing.contains(slice.access())).toList();
  }

  /** The group's own outputs. */
  public List<ParameterSlice> written() {
    return slices.stream().filter(slice -> slice.access() == Access.WRITTEN).toList();
  }
}
