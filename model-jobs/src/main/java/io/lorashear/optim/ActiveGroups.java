package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.lorashear.dependency.Groups;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Orientation;
import io.lorashear.saliency.SliceWeights;
import io.lorashear.torch.RowChange;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.HalfSpaceKernels;
import io.lorashear.torch.kernel.HalfSpaceKernels.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The groups of all axes that are being driven to zero. Only their rows are read, changed and
 * written back; a step is one call, whose result says which groups are now zero.
 */
final class ActiveGroups {
  /**
   * Positions in one slice that belong to active groups, and for each its group's index among the
   * active groups.
   */
  @SuppressWarnings("ArrayRecordComponent") // read, never compared
  private record Owned(SliceWeights slice, long[] positions, long[] owners) {}

  /** Active groups of one axis, and the rows of its slices that belong to them. */
  @SuppressWarnings("ArrayRecordComponent") // read, never compared
  private record Active(
      AxisWeights axis, int[] groups, List<SliceWeights> weights, HalfSpaceKernels.Axis rows) {}

  private final TorchModel model;
  private final NDManager manager;
  private final List<RowChange> changes = new ArrayList<>(); // of a step
  private final List<Active> axes = new ArrayList<>();
  private double scale;

  /**
   * The active groups of {@code all} axes.
   *
   * @param model the model with the weights
   * @param together axes whose active groups all become zero at once, as one group
   */
  ActiveGroups(
      TorchModel model, List<AxisWeights> all, Groups active, Predicate<AxisWeights> together) {
    this.model = model;
    this.manager = model.manager().newSubManager();
    var orientation = new Orientation(model.graph());
    var shrinking = all.stream().filter(axis -> active.count(axis.name()) > 0).toList();
    var owned = shrinking.stream().map(axis -> owned(axis, active)).toList();
    var sent = send(owned.stream().flatMap(List::stream).toList());
    var noInner = manager.zeros(new Shape(0));
    var noOuter = manager.zeros(new Shape(0));
    for (int i = 0; i < shrinking.size(); i++) {
      var axis = shrinking.get(i);
      var rows = new ArrayList<Slice>();
      for (var each : owned.get(i)) {
        var weight = each.slice();
        rows.add(slice(weight, sent.next(), sent.next(), noInner, noOuter));
        int stored = orientation.dimension(weight.name(), weight.dimension());
        changes.add(new RowChange(weight.name(), stored, rows.get(rows.size() - 1).positions()));
      }
      var groups = active.indices(axis.name()).stream().toArray();
      axes.add(
          new Active(
              axis,
              groups,
              axis.zeroed(),
              new HalfSpaceKernels.Axis(rows, groups.length, together.test(axis))));
    }
  }

  private static List<Owned> owned(AxisWeights axis, Groups all) {
    var active = all.indices(axis.name());
    var place = new int[axis.size()];
    int count = 0;
    for (int g = active.nextSetBit(0); g >= 0; g = active.nextSetBit(g + 1)) {
      place[g] = count++;
    }
    return axis.zeroed().stream()
        .map(
            slice -> {
              var groupOf = slice.groupOf();
              var positions =
                  IntStream.range(0, groupOf.length)
                      .filter(p -> groupOf[p] >= 0 && active.get(groupOf[p]))
                      .toArray();
              return new Owned(
                  slice,
                  Arrays.stream(positions).asLongStream().toArray(),
                  Arrays.stream(positions).mapToLong(p -> place[groupOf[p]]).toArray());
            })
        .toList();
  }

  /** Positions and owners of each slice in turn, on the device of the weights. */
  private Iterator<NDArray> send(List<Owned> owned) {
    if (owned.isEmpty()) {
      return List.<NDArray>of().iterator();
    }
    var device = owned.get(0).slice().weight().getDevice();
    var values = owned.stream().flatMap(o -> Stream.of(o.positions(), o.owners())).toList();
    return HostArrays.sendLongs(manager.newSubManager(device), values).iterator();
  }

  // A slice of columns is a slice of rows of the transpose, and (BA)ᵀ = AᵀBᵀ.

  private Slice slice(
      SliceWeights slice, NDArray positions, NDArray owners, NDArray noInner, NDArray noOuter) {
    var pair = slice.pair();
    boolean rows = slice.dimension() == 0;
    var x = byRows(manager, slice);
    if (pair == null) {
      return new Slice(x, positions, owners, noInner, noOuter);
    }
    scale = pair.scale();
    return rows
        ? new Slice(x, positions, owners, pair.a(), pair.b())
        : new Slice(x, positions, owners, turned(manager, pair.b()), turned(manager, pair.a()));
  }

  /** Whether there are no active groups. */
  boolean isEmpty() {
    return axes.isEmpty();
  }

  /**
   * One step as in the paper, with {@code left} steps to the deadline (1: this is the last).
   *
   * <pre>
   *   x̃_g = (1 − 1/left)·x_g + s(BA)_g
   *   x_g ← 0 where x̃_g left the half-space, else x̃_g
   * </pre>
   *
   * @return the groups that are zero now
   */
  Groups project(HalfSpace halfSpace, int left) {
    if (isEmpty()) {
      return Groups.none();
    }
    var leaving =
        HalfSpaceKernels.project(
            manager,
            axes.stream().map(Active::rows).toList(),
            HalfSpace.keep(left),
            halfSpace.epsilon(),
            scale,
            left == 1);
    model.rowsChanged(changes);
    var gone = new ArrayList<Groups>();
    int at = 0;
    for (var each : axes) {
      int first = at;
      var groups = each.groups();
      gone.add(
          Groups.of(
              each.axis().name(),
              IntStream.range(0, groups.length)
                  .filter(i -> leaving[first + i] > 0)
                  .map(i -> groups[i])
                  .toArray()));
      at += groups.length;
    }
    return Groups.union(gone);
  }

  /** One step as in the released code: x_g and B_g are multiplied by 1 − 1/left. */
  Groups shrink(int left) {
    if (isEmpty()) {
      return Groups.none();
    }
    HalfSpaceKernels.shrink(
        axes.stream().flatMap(each -> each.rows().slices().stream()), HalfSpace.keep(left));
    model.rowsChanged(changes);
    return left > 1
        ? Groups.none()
        : Groups.union(
            axes.stream().map(each -> Groups.of(each.axis().name(), each.groups())).toList());
  }

  /**
   * Copies of all their rows, except in the weights {@code without}, by axis and index of the
   * slice.
   */
  Map<String, NDArray> rows(NDManager scope, Set<String> without) {
    var all = new LinkedHashMap<String, NDArray>();
    for (var each : axes) {
      for (int i = 0; i < each.weights().size(); i++) {
        if (!without.contains(each.weights().get(i).name())) {
          var slice = each.rows().slices().get(i);
          var found = slice.x().get(new NDIndex("{}", slice.positions())); // (n, width)
          found.attach(scope);
          all.put(each.axis().name() + "." + i, found);
        }
      }
    }
    return all;
  }

  /** Writes back what {@link #rows} returned. */
  void put(Map<String, NDArray> saved) {
    for (var each : axes) {
      for (int i = 0; i < each.weights().size(); i++) {
        var rows = saved.get(each.axis().name() + "." + i);
        if (rows != null) {
          var slice = each.rows().slices().get(i);
          slice.x().set(new NDIndex("{}", slice.positions()), rows);
        }
      }
    }
  }

  /** Frees the memory used in the period. */
  void close() {
    manager.close();
  }

  private static NDArray byRows(NDManager scope, SliceWeights slice) {
    return slice.dimension() == 0 ? slice.weight() : turned(scope, slice.weight());
  }

  private static NDArray turned(NDManager scope, NDArray matrix) {
    var turned = matrix.transpose(1, 0);
    turned.attach(scope);
    return turned;
  }
}
