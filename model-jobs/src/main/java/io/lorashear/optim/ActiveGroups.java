package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import io.lorashear.dependency.Groups;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SliceWeights;
import io.lorashear.torch.kernel.AxisKernels;
import io.lorashear.torch.kernel.GroupedTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The groups of one axis that are on their way to zero. Only their rows are fetched, changed and
 * put back; each line is one call over all of them.
 */
final class ActiveGroups {
  /** Rows of one zeroed slice that belong to active groups; {@code owners} count active groups. */
  @SuppressWarnings("ArrayRecordComponent") // read, never compared
  private record Rows(SliceWeights slice, NDArray positions, int[] owners) {}

  /** The same, fetched: weight (n, width), or (n) of a vector. */
  private record Fetched(Rows rows, GroupedTensor x) {}

  private final NDManager manager;
  private final AxisWeights axis;
  private final int[] groups;
  private final boolean together;
  private final List<Rows> slices = new ArrayList<>();

  /**
   * Those of {@code axis} that are among {@code all}.
   *
   * @param together whether they are one group, which leaves as one
   */
  ActiveGroups(AxisWeights axis, Groups all, boolean together) {
    var active = all.indices(axis.name());
    this.axis = axis;
    this.together = together;
    this.groups = active.stream().toArray();
    this.manager = axis.zeroed().get(0).weight().getManager().newSubManager();
    var place = new int[axis.size()];
    Arrays.fill(place, -1);
    for (int i = 0; i < groups.length; i++) {
      place[groups[i]] = i;
    }
    for (var slice : axis.zeroed()) {
      var owned =
          IntStream.range(0, slice.groupOf().length)
              .filter(p -> slice.groupOf()[p] >= 0 && active.get(slice.groupOf()[p]))
              .toArray();
      var owners = Arrays.stream(owned).map(p -> place[slice.groupOf()[p]]).toArray();
      slices.add(new Rows(slice, positions(owned), owners));
    }
  }

  private NDArray positions(int[] owned) {
    return manager.create(Arrays.stream(owned).asLongStream().toArray());
  }

  /**
   * One step of the paper's form, {@code left} steps before the deadline (1: it is now).
   *
   * <pre>
   *   x̃_g = (1 − 1/left)·x_g + s(BA)_g
   *   x_g ← 0 where x̃_g left the half-space, else x̃_g
   * </pre>
   *
   * @return the groups that are zero now
   */
  Groups project(HalfSpace halfSpace, int left) {
    try (var scope = manager.newSubManager()) {
      var fetched = fetch(scope);
      var x = fetched.stream().map(Fetched::x).toList();
      var paired = fetched.stream().filter(f -> f.rows().slice().pair() != null).toList();
      var leaving = leaving(scope, halfSpace, left, x, paired);
      var factors = new float[groups.length];
      for (int i = 0; i < factors.length; i++) {
        factors[i] = leaving[i] ? 0 : (float) HalfSpace.keep(left);
      }
      AxisKernels.scale(x, scope.create(factors));
      fold(scope, paired, leaving);
      fetched.forEach(each -> putBack(scope, each));
      return gone(leaving);
    }
  }

  /** One step of the released code's form: x_g and B_g ← (1 − 1/left) of themselves. */
  Groups shrink(int left) {
    try (var scope = manager.newSubManager()) {
      for (var fetched : fetch(scope)) {
        fetched.x().tensor().muli(HalfSpace.keep(left));
        putBack(scope, fetched);
        if (fetched.rows().slice().pair() != null) {
          var all = allOuter(scope, fetched.rows().slice());
          var outer = rows(scope, all, fetched.rows()).muli(HalfSpace.keep(left)); // (n, r)
          all.set(new NDIndex("{}", fetched.rows().positions()), outer);
        }
      }
      var leaving = new boolean[groups.length];
      Arrays.fill(leaving, left == 1);
      return gone(leaving);
    }
  }

  private List<Fetched> fetch(NDManager scope) {
    return slices.stream()
        .map(
            rows -> {
              var x = rows(scope, byRows(scope, rows.slice()), rows); // (n, width)
              var owners = GroupedTensor.owners(scope, rows.owners(), groups.length);
              return new Fetched(rows, new GroupedTensor(x, 0, owners));
            })
        .toList();
  }

  private boolean[] leaving(
      NDManager scope, HalfSpace halfSpace, int left, List<GroupedTensor> x, List<Fetched> paired) {
    var leaving = new boolean[groups.length];
    var squared = AxisKernels.squaredNorms(scope, x, groups.length).toFloatArray();
    var along = new float[groups.length];
    if (!paired.isEmpty()) {
      var y = paired.stream().map(Fetched::x).toList();
      along =
          AxisKernels.loraInnerProducts(
                  scope, y, inner(scope, paired), outer(scope, paired), scale(paired), along.length)
              .toFloatArray();
    }
    if (together) {
      Arrays.fill(leaving, halfSpace.leaves(sum(squared), sum(along), left));
      return leaving;
    }
    for (int i = 0; i < leaving.length; i++) {
      leaving[i] = halfSpace.leaves(squared[i], along[i], left);
    }
    return leaving;
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  private static void fold(NDManager scope, List<Fetched> paired, boolean[] leaving) {
    if (paired.isEmpty()) {
      return;
    }
    var staying =
        paired.stream()
            .map(
                fetched -> {
                  var owners = fetched.rows().owners();
                  var rows = new float[owners.length];
                  for (int i = 0; i < rows.length; i++) {
                    rows[i] = leaving[owners[i]] ? 0 : 1;
                  }
                  return scope.create(rows);
                })
            .toList();
    var x = paired.stream().map(fetched -> fetched.x().tensor()).toList();
    AxisKernels.fold(x, inner(scope, paired), outer(scope, paired), staying, scale(paired));
  }

  private static void putBack(NDManager scope, Fetched fetched) {
    var rows = fetched.rows();
    var all = byRows(scope, rows.slice());
    all.set(new NDIndex("{}", rows.positions()), fetched.x().tensor());
  }

  /** Copies of all their rows in weights that are not among {@code without}, by axis and place. */
  Map<String, NDArray> rows(NDManager scope, Set<String> without) {
    var all = new LinkedHashMap<String, NDArray>();
    for (int i = 0; i < slices.size(); i++) {
      var rows = slices.get(i);
      if (!without.contains(rows.slice().name())) {
        all.put(name(i), rows(scope, byRows(scope, rows.slice()), rows)); // (n, width)
      }
    }
    return all;
  }

  /** Puts back what {@link #rows} gave. */
  void put(Map<String, NDArray> saved) {
    try (var scope = manager.newSubManager()) {
      for (int i = 0; i < slices.size(); i++) {
        var rows = saved.get(name(i));
        if (rows != null) {
          var slice = slices.get(i);
          byRows(scope, slice.slice()).set(new NDIndex("{}", slice.positions()), rows);
        }
      }
    }
  }

  private String name(int place) {
    return axis.name() + "." + place;
  }

  AxisWeights axis() {
    return axis;
  }

  private Groups gone(boolean[] leaving) {
    return Groups.of(
        axis.name(),
        IntStream.range(0, groups.length).filter(i -> leaving[i]).map(i -> groups[i]).toArray());
  }

  /** Frees what the period needed. */
  void close() {
    manager.close();
  }

  // A slice by columns is the slice by rows of the transpose, and (BA)ᵀ = AᵀBᵀ.

  private static NDArray byRows(NDManager scope, SliceWeights slice) {
    return slice.dimension() == 0 ? slice.weight() : turned(scope, slice.weight());
  }

  private static NDArray allOuter(NDManager scope, SliceWeights slice) {
    var pair = Objects.requireNonNull(slice.pair());
    return slice.dimension() == 0 ? pair.b() : turned(scope, pair.a());
  }

  private static List<NDArray> outer(NDManager scope, List<Fetched> paired) {
    return paired.stream()
        .map(fetched -> rows(scope, allOuter(scope, fetched.rows().slice()), fetched.rows()))
        .toList(); // (n, r) each
  }

  private static List<NDArray> inner(NDManager scope, List<Fetched> paired) {
    return paired.stream()
        .map(
            fetched -> {
              var slice = fetched.rows().slice();
              var pair = Objects.requireNonNull(slice.pair());
              return slice.dimension() == 0 ? pair.a() : turned(scope, pair.b()); // (r, width)
            })
        .toList();
  }

  private static NDArray turned(NDManager scope, NDArray matrix) {
    var turned = matrix.transpose(1, 0);
    turned.attach(scope);
    return turned;
  }

  private static NDArray rows(NDManager scope, NDArray all, Rows rows) {
    var found = all.get(new NDIndex("{}", rows.positions()));
    found.attach(scope);
    return found;
  }

  private static double scale(List<Fetched> paired) {
    return Objects.requireNonNull(paired.get(0).rows().slice().pair()).scale();
  }
}
