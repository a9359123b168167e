package io.lorashear.shape;

import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.AxisRole;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * One width of each kind in all layers: every axis of a kind loses its least salient groups down to
 * that width.
 *
 * <pre>
 *   kinds         key-value heads; channels of MLPs; channels of experts, or experts
 *   removed(w)    = Σ over the axes of cost · (width − w of the axis's kind)
 *   salience(w)   = Σ over the groups that go of cost · saliency
 *   choice        the w that come to within one step of the kind with the finest steps of the budget,
 *                 of them the one with the least salience(w)/removed(w)
 * </pre>
 *
 * Calls before the last one meet only a part of the budget, with the least salient groups of that
 * choice.
 *
 * @param multiple of channels, at least 1
 * @param heads allowed numbers of key-value heads; none: heads stay
 */
public record Uniform(int multiple, List<Integer> heads) implements ShapeRule {

  @Override
  public Groups choose(List<Candidates> axes, long now, long inAll) {
    var kinds = List.copyOf(kinds(axes).values());
    var widths = new UniformWidths(kinds).nearest(inAll);
    var least = new ArrayList<Groups>();
    for (int k = 0; k < widths.size(); k++) {
      for (var steps : kinds.get(k).axes()) {
        least.add(steps.least(steps.axis().width() - widths.get(k)));
      }
    }
    var all = Groups.union(least);
    return now == inAll ? all : Free.part(axes, all, now);
  }

  private Map<String, UniformKind> kinds(List<Candidates> axes) {
    var members = new LinkedHashMap<String, List<Steps>>();
    for (var axis : axes) {
      if (axis.axis().role() != AxisRole.KEY_VALUE_HEADS || !heads.isEmpty()) {
        members
            .computeIfAbsent(kind(axis.axis()), key -> new ArrayList<>())
            .add(new Steps(axis, multiple));
      }
    }
    var kinds = new LinkedHashMap<String, UniformKind>();
    members.forEach((name, steps) -> kinds.put(name, UniformKind.of(steps, multiple, heads)));
    return kinds;
  }

  /** An axis's name without the numbers of its layer and expert. */
  public static String kind(PrunableAxis axis) {
    return axis.name().replaceAll("\\d+", "*");
  }

  @Override
  public List<String> contradictions(
      PruningSpace space, List<Candidates> axes, Set<PrunableAxis> kept) {
    var problems = new ArrayList<String>();
    var kinds = kinds(axes);
    var names = new ArrayList<String>();
    for (var axis : kept) {
      if (kinds.containsKey(kind(axis))) {
        names.add(axis.name());
      }
    }
    if (!names.isEmpty()) {
      Collections.sort(names);
      problems.add(
          "it takes the same from every layer, but %s may lose nothing: protect all of that"
                  .formatted(String.join(", ", names))
              + " kind or none, or choose the shape free or deci");
    }
    kinds.forEach(
        (kind, found) -> {
          if (found.widths().isEmpty()) {
            problems.add(
                "no width that it allows is left for %s (%s, at most %s of each may go):"
                        .formatted(kind, sizes(found), most(found))
                    + " give a smaller multiple, or choose the shape free or deci");
          }
        });
    if (heads.isEmpty()) {
      problems.addAll(unevenHeads(space));
    }
    return List.copyOf(problems);
  }

  /**
   * A message if heads are uneven, which a shape that keeps them does not allow; otherwise nothing.
   */
  static List<String> unevenHeads(PruningSpace space) {
    var counts =
        distinct(
            space.axes().stream()
                .filter(axis -> axis.role() == AxisRole.KEY_VALUE_HEADS)
                .map(PrunableAxis::size)
                .toList());
    return counts.size() <= 1
        ? List.of()
        : List.of(
            "it leaves heads as they are, but layers have %s key-value heads: choose uniform or free"
                .formatted(String.join(" or ", counts)));
  }

  private static List<String> distinct(Iterable<Integer> numbers) {
    var all = new TreeSet<Integer>();
    numbers.forEach(all::add);
    return all.stream().map(Objects::toString).toList();
  }

  private static String sizes(UniformKind kind) {
    return String.join(
        " or ", distinct(kind.axes().stream().map(axis -> axis.axis().width()).toList()));
  }

  private static String most(UniformKind kind) {
    return String.join(
        " or ", distinct(kind.axes().stream().map(axis -> axis.axis().most()).toList()));
  }
}
