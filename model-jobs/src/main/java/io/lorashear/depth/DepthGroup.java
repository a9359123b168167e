package io.lorashear.depth;

import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.dependency.Sublayer;
import io.lorashear.depth.DepthSettings.What;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * A unit that is removed as a whole: a block, or its attention or MLP.
 *
 * @param name "layers.3", "layers.3.attention" or "layers.3.mlp"
 * @param layer the number of its block, from 0
 * @param sublayers its attention, its MLP, or both
 */
public record DepthGroup(String name, int layer, List<Sublayer> sublayers) {

  /**
   * All groups of a model, in the order of its layers.
   *
   * @param kept names of axes that lose nothing: groups with one of them stay whole
   */
  public static List<DepthGroup> of(PruningSpace space, What what, Set<String> kept) {
    var byName = new LinkedHashMap<String, List<Sublayer>>();
    for (var part : space.sublayers()) {
      var kind = what == What.BLOCKS ? "" : part.attention() ? ".attention" : ".mlp";
      byName.computeIfAbsent(part.layer() + kind, name -> new ArrayList<>()).add(part);
    }
    var groups = new ArrayList<DepthGroup>();
    byName.forEach(
        (name, parts) -> {
          if (parts.stream().noneMatch(part -> kept.contains(part.axis().name()))) {
            groups.add(new DepthGroup(name, number(parts.get(0)), List.copyOf(parts)));
          }
        });
    return List.copyOf(groups);
  }

  static int number(Sublayer part) {
    return Integer.parseInt(part.layer().substring(part.layer().lastIndexOf('.') + 1));
  }

  /** The removal groups it consists of: all of its axes. */
  public Groups groups() {
    return Groups.all(sublayers.stream().map(Sublayer::axis).toList());
  }

  /** The widths without it. */
  WidthPlan without() {
    return new WidthPlan(groups());
  }
}
