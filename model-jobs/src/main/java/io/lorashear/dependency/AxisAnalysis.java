package io.lorashear.dependency;

import io.lorashear.dependency.ParameterSlice.Access;
import io.lorashear.dependency.PrunableAxis.Status;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Node;
import io.lorashear.graph.Operator.Layout;
import io.lorashear.graph.Parameter;
import io.lorashear.graph.Sought;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides, axis by axis, whether an index can be removed.
 *
 * <pre>
 *   a weight's rows, its bias, an embedding's columns, a norm's weight   are written
 *   a weight's columns                                                   are read
 *   written = 0  ⇒  zero at every reader  ⇒  prunable                    see {@link ZeroFlow}
 * </pre>
 */
final class AxisAnalysis {
  private static final Set<Access> WRITTEN = Set.of(Access.WRITTEN);

  /**
   * A query head of zeros still attends, to all positions alike, so what reads it goes too; and a
   * norm over all queries would still count it, so what writes it goes.
   */
  private static final Set<Access> EVERYTHING = Set.of(Access.WRITTEN, Access.READ);

  private final ModelGraph graph;
  private final boolean tokens;
  private final Set<String> read = new HashSet<>();
  private final Map<Axis, List<Node>> carriers = new HashMap<>();
  private final Map<Axis, List<ParameterSlice>> slices = new LinkedHashMap<>();

  /**
   * The analysis of {@code graph}.
   *
   * @param tokens whether a token of the vocabulary may be removed, because ids are renumbered
   */
  AxisAnalysis(ModelGraph graph, boolean tokens) {
    this.graph = graph;
    this.tokens = tokens;
    for (var found : Sought.LINEAR.in(graph)) {
      var linear = found.operator();
      read.add(linear.weight() + (linear.layout() == Layout.OUT_IN ? 1 : 0));
    }
    for (var found : Sought.EMBEDDING.in(graph)) { // which writes a tied table, whoever reads it
      read.remove(found.operator().table() + 1);
    }
    for (var node : graph.nodes()) {
      var carried = new LinkedHashSet<Axis>();
      graph.shape(node.input()).forEach(extent -> extent.collect(carried));
      graph.shape(node.output()).forEach(extent -> extent.collect(carried));
      carried.forEach(axis -> carriers.computeIfAbsent(axis, key -> new ArrayList<>()).add(node));
    }
    graph.parameters().values().forEach(this::addSlices);
  }

  private void addSlices(Parameter parameter) {
    for (int dimension = 0; dimension < parameter.extents().size(); dimension++) {
      var extent = parameter.extents().get(dimension);
      var access = read.contains(parameter.name() + dimension) ? Access.READ : Access.WRITTEN;
      for (var axis : extent.axes()) {
        var found = slices.computeIfAbsent(axis, key -> new ArrayList<>());
        int occurrences = Positions.occurrences(extent, axis);
        for (int i = 0; i < occurrences; i++) {
          found.add(new ParameterSlice(parameter, dimension, axis, access, i));
        }
      }
    }
  }

  /** Every axis that a parameter has, in order of first use. */
  Set<Axis> axes() {
    return slices.keySet();
  }

  PrunableAxis analyse(Axis axis) {
    var slices = List.copyOf(this.slices.getOrDefault(axis, List.of()));
    var broken = ZeroFlow.firstNonZeroReader(graph, axis, carriers.getOrDefault(axis, List.of()));
    boolean token = tokens && axis.role() == AxisRole.VOCABULARY;
    if (axis.locked() && !token) {
      return finding(axis, Status.UNPRUNABLE, axis.lock(), slices);
    }
    if (axis.indices() == 1) {
      return finding(axis, Status.UNPRUNABLE, "its only index cannot go", slices);
    }
    if (token) {
      var reason = "removes a token: ids are renumbered, and the tokenizer with them";
      return finding(axis, Status.OFF_BY_DEFAULT, reason, slices);
    }
    if (axis.indices() == least(axis)) {
      var reason = "every row goes to " + least(axis) + " of its indices";
      return finding(axis, Status.UNPRUNABLE, reason, slices);
    }
    if (axis.role() == AxisRole.QUERY_GROUP) {
      var reason = "removes one query head of every key-value head: few programs load the result";
      return new PrunableAxis(axis, Status.OFF_BY_DEFAULT, reason, 1, EVERYTHING, slices);
    }
    if (!broken.isEmpty()) {
      return finding(axis, Status.UNPRUNABLE, broken, slices);
    }
    if (slices.stream().noneMatch(slice -> slice.access() == Access.WRITTEN)) {
      return finding(axis, Status.UNPRUNABLE, "no parameter writes it", slices);
    }
    if (axis.role() == AxisRole.RESIDUAL) {
      return finding(
          axis, Status.OFF_BY_DEFAULT, "removes a channel of the whole residual stream", slices);
    }
    return finding(axis, Status.PRUNABLE, "", slices);
  }

  private PrunableAxis finding(
      Axis axis, Status status, String reason, List<ParameterSlice> slices) {
    return new PrunableAxis(axis, status, reason, least(axis), WRITTEN, slices);
  }

  /** How many indices must stay: as many as a row is routed to, else one. */
  private int least(Axis axis) {
    int least = 1;
    for (var route : Sought.ROUTE.in(carriers.getOrDefault(axis, List.of()))) {
      if (graph.shape(route.node().output()).contains(axis)) {
        least = Math.max(least, route.operator().k());
      }
    }
    return least;
  }
}
