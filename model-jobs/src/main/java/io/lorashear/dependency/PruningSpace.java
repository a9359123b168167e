package io.lorashear.dependency;

import io.lorashear.dependency.PrunableAxis.Status;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Extent.Axis;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Parameter;
import io.lorashear.graph.Widths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All axes of a graph, which of their indices may be removed, and the parameters of one index. */
public final class PruningSpace {
  /** What LoRAShear removes: key-value heads with their query heads, and MLP channels. */
  public static final Set<AxisRole> STRUCTURES =
      Collections.unmodifiableSet(EnumSet.of(AxisRole.KEY_VALUE_HEADS, AxisRole.CHANNELS));

  private static final Set<AxisRole> WHOLE_EXPERTS =
      Collections.unmodifiableSet(EnumSet.of(AxisRole.KEY_VALUE_HEADS, AxisRole.EXPERTS));

  private final ModelGraph graph;
  private final Map<String, PrunableAxis> axes = new LinkedHashMap<>();
  private final Map<Axis, Set<Parameter>> parametersOf = new HashMap<>();

  private final List<Sublayer> sublayers = new ArrayList<>();

  private PruningSpace(ModelGraph graph, boolean tokens) {
    this.graph = graph;
    var analysis = new AxisAnalysis(graph, tokens);
    for (var axis : analysis.axes()) {
      var analysed = analysis.analyse(axis);
      axes.put(axis.name(), analysed);
      var parameters = new LinkedHashSet<Parameter>();
      analysed.slices().forEach(slice -> parameters.add(slice.parameter()));
      parametersOf.put(axis, parameters);
    }
  }

  /** The analysis of {@code graph}; needs no weights. */
  public static PruningSpace of(ModelGraph graph) {
    return new PruningSpace(graph, false);
  }

  /**
   * The same analysis with the vocabulary unlocked, for whoever renumbers the ids of all texts and
   * rewrites the tokenizer. One token is one group: its row of the embedding, its row of the head
   * and its bias there. Unlike other groups it does not contribute nothing when it is zero, because
   * a logit of zero is a likely token; logits of the other tokens do not depend on it.
   */
  public static PruningSpace withTokens(ModelGraph graph) {
    return new PruningSpace(graph, true);
  }

  /**
   * Roles that a method removes: {@link #STRUCTURES}, or with {@code wholeExperts} experts in place
   * of channels. They exclude each other, because an expert is removed with its channels, and their
   * parameters would be counted twice.
   */
  public static Set<AxisRole> structures(boolean wholeExperts) {
    return wholeExperts ? WHOLE_EXPERTS : STRUCTURES;
  }

  /** The graph that was analysed. */
  public ModelGraph graph() {
    return graph;
  }

  /** Every axis in order of first use, prunable or not. */
  public List<PrunableAxis> axes() {
    return List.copyOf(axes.values());
  }

  /** Prunable axes of these roles, without those that are off by default. */
  public List<PrunableAxis> prunable(Set<AxisRole> roles) {
    return axes.values().stream()
        .filter(axis -> axis.status() == Status.PRUNABLE && roles.contains(axis.role()))
        .toList();
  }

  /**
   * Axes of these roles that can be removed on request, including those that are off by default.
   */
  public List<PrunableAxis> removable(Set<AxisRole> roles) {
    return axes.values().stream()
        .filter(axis -> axis.status() != Status.UNPRUNABLE && roles.contains(axis.role()))
        .toList();
  }

  /** Attentions and MLPs that can be removed as a whole, in the order of the layers. */
  public List<Sublayer> sublayers() {
    if (sublayers.isEmpty()) {
      sublayers.addAll(Sublayer.of(this));
    }
    return Collections.unmodifiableList(sublayers);
  }

  /** The axis of that name. */
  public PrunableAxis axis(String name) {
    var axis = axes.get(name);
    if (axis == null) {
      throw new IllegalArgumentException("the model has no axis " + name);
    }
    return axis;
  }

  /**
   * Number of parameters that are removed with one index of {@code axis} at the given widths; if
   * experts differ, with the last index.
   */
  public long cost(Axis axis, Widths widths) {
    Widths oneLess = a -> widths.size(a) - (a.equals(axis) ? 1 : 0);
    long cost = 0;
    for (var parameter : parametersOf.getOrDefault(axis, Set.of())) {
      long before = 1;
      long after = 1;
      for (var extent : parameter.extents()) {
        before *= extent.size(widths);
        after *= extent.size(oneLess);
      }
      cost += before - after;
    }
    return cost;
  }

  /** Number of parameters of all groups of {@code axis} together, while no other axis is cut. */
  public long parameters(PrunableAxis axis) {
    return cost(axis.axis(), Widths.TRACED) * axis.size();
  }

  /** Parameters that two axes share along different dimensions. */
  public List<Overlap> overlaps() {
    var found = new ArrayList<Overlap>();
    for (var parameter : graph.parameters().values()) {
      var extents = parameter.extents();
      for (int i = 0; i < extents.size(); i++) {
        for (int j = i + 1; j < extents.size(); j++) {
          for (var first : extents.get(i).axes()) {
            for (var second : extents.get(j).axes()) {
              if (!first.locked() && !second.locked()) {
                found.add(new Overlap(parameter.name(), first.name(), second.name()));
              }
            }
          }
        }
      }
    }
    return List.copyOf(found);
  }
}
