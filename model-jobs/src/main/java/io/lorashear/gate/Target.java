package io.lorashear.gate;

import io.lorashear.dependency.Groups;
import io.lorashear.gate.Lagrangian.Part;
import io.lorashear.optim.PruningBudget;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.shape.Uniform;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What the masks are held to, and what is removed by them at the end.
 *
 * <pre>
 *   shape     target                                       removed at the end
 *   uniform   the width of every axis that gets narrower,  the excess groups of each axis
 *             one width for each kind
 *   others    all together: Σ cost·s = what may be left    what the shape allows, lowest first
 *   layers    the number that stays, besides a budget      the lowest first; the rest of the budget
 *                                                          is taken from the layers that are left
 *   stream    the number of channels that stay, besides    the lowest first
 *             either
 * </pre>
 *
 * Sheared-LLaMA's target is a shape; DDP's is one share of all heads and one of all channels. With
 * one budget for all parameters together, the masks decide how much of it heads contribute.
 */
public final class Target {
  private final PruningBudget budget;
  private final List<AxisWeights> axes;
  private final int[] widths; // empty: the budget alone is the target
  private final LayerMasks layers;
  private final Optional<StreamMask> stream;

  private Target(
      PruningBudget budget,
      List<AxisWeights> axes,
      int[] widths,
      LayerMasks layers,
      Optional<StreamMask> stream) {
    this.budget = budget;
    this.axes = List.copyOf(axes);
    this.widths = widths;
    this.layers = layers;
    this.stream = stream;
  }

  /**
   * The same with masks on the residual stream. Budget and axes are for what is removed besides its
   * channels: those of {@link StreamMask#rest} and {@link StreamMask#narrowed}.
   */
  public Target with(StreamMask mask) {
    return new Target(budget, axes, widths, layers, Optional.of(mask));
  }

  /** The same with masks on layers, for a budget of all parameters together. */
  public Target with(LayerMasks masks) {
    return new Target(budget, axes, widths, masks, stream);
  }

  /**
   * The target of {@code budget}.
   *
   * @param saliency per parameter, by which a uniform shape chooses between widths that meet the
   *     budget equally well
   */
  public static Target of(PruningBudget budget, List<AxisWeights> axes, List<double[]> saliency) {
    if (!(budget.shape() instanceof Uniform)) {
      return new Target(budget, axes, new int[0], LayerMasks.NONE, Optional.empty());
    }
    var removed = budget.choose(axes, saliency);
    var narrower = axes.stream().filter(axis -> removed.count(axis.name()) > 0).toList();
    return new Target(
        budget,
        narrower,
        narrower.stream().mapToInt(a -> a.size() - removed.count(a.name())).toArray(),
        LayerMasks.NONE,
        Optional.empty());
  }

  /** The masks on layers. */
  LayerMasks layers() {
    return layers;
  }

  /** The axes that lose groups and therefore have masks; the residual stream's is the last. */
  List<AxisWeights> axes() {
    var all = new ArrayList<>(axes);
    stream.ifPresent(mask -> all.add(mask.axis()));
    return all;
  }

  /** The multipliers of each kind. */
  List<Lagrangian> lagrangians(Lagrangian.Rates rates, long growth) {
    var parts = new LinkedHashMap<String, List<Constraint>>();
    int behind = axes.size() + (stream.isPresent() ? 1 : 0);
    if (widths.length == 0) {
      parts.put("parameters", List.of(allTogether()));
      if (layers.size() > 0) {
        var whole = new Part(new int[] {behind}, new double[] {1}, layers.share());
        parts.put("layers", List.of(whole));
      }
    } else {
      for (int i = 0; i < widths.length; i++) {
        double share = (double) widths[i] / axes.get(i).size();
        parts
            .computeIfAbsent(Uniform.kind(axes.get(i).axis()), kind -> new ArrayList<>())
            .add(new Part(new int[] {i}, new double[] {1}, share));
      }
    }
    stream.ifPresent(
        mask -> {
          double share = (double) mask.stays() / mask.axis().size();
          var channels = new Part(new int[] {axes.size()}, new double[] {1}, share);
          parts.put(mask.axis().name(), List.of(channels));
        });
    var lagrangians = new ArrayList<Lagrangian>();
    parts.forEach((kind, each) -> lagrangians.add(new Lagrangian(kind, each, rates, growth)));
    return List.copyOf(lagrangians);
  }

  /**
   * The target for all groups together. If layers are removed, the rest of the budget narrows those
   * that stay.
   */
  private Constraint allTogether() {
    if (stream.isPresent()) {
      var mask = stream.get();
      long left = mask.narrow().parameters(mask.space().graph()) - budget.remove();
      return mask.parameters(axes, layers, (double) left / budget.total());
    }
    double groups = axes.stream().mapToDouble(axis -> (double) axis.cost() * axis.size()).sum();
    double all = groups * (layers.size() > 0 ? layers.share() : 1);
    return new Part(
        IntStream.range(0, axes.size()).toArray(),
        axes.stream().mapToDouble(AxisWeights::cost).toArray(),
        Math.max(0, 1 - (budget.remove() - layers.meanCost()) / all));
  }

  /** The groups with the lowest scores, as many as the target says. */
  Groups choose(List<double[]> scores) {
    var gone = chooseGroups(scores);
    return stream
        .map(mask -> gone.plus(least(mask.axis(), scores.get(axes.size()), mask.narrow().groups())))
        .orElse(gone);
  }

  private Groups chooseGroups(List<double[]> scores) {
    if (layers.size() > 0) {
      return chooseWithLayers(scores);
    }
    if (widths.length == 0) {
      return budget.choose(axes, scores.subList(0, axes.size()));
    }
    var gone = new ArrayList<Groups>();
    for (int i = 0; i < widths.length; i++) {
      gone.add(least(axes.get(i), scores.get(i), axes.get(i).size() - widths[i]));
    }
    return Groups.union(gone);
  }

  private Groups chooseWithLayers(List<double[]> scores) {
    var least = layers.least(scores.get(scores.size() - 1));
    var gone = layers.groups(least);
    var left = new ArrayList<AxisWeights>();
    var theirs = new ArrayList<double[]>();
    for (int i = 0; i < axes.size(); i++) {
      if (gone.count(axes.get(i).name()) == 0) {
        left.add(axes.get(i));
        theirs.add(scores.get(i));
      }
    }
    long rest = budget.remove() - layers.cost(least);
    return gone.plus(
        new PruningBudget(budget.total(), rest, budget.cap(), budget.caps(), budget.shape())
            .choose(left, theirs));
  }

  /** The {@code n} groups with the lowest scores, the first among equals. */
  private static Groups least(AxisWeights axis, double[] scores, int n) {
    var order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, (g, h) -> Double.compare(scores[g], scores[h]));
    var least = Arrays.stream(order, 0, n).mapToInt(Integer::intValue).toArray();
    return Groups.of(axis.name(), least);
  }

  /** The widths to be left, by axis; empty if only the budget is the target. */
  public Map<String, Integer> widths() {
    var named = new LinkedHashMap<String, Integer>();
    for (int i = 0; i < widths.length; i++) {
      named.put(axes.get(i).name(), widths[i]);
    }
    stream.ifPresent(mask -> named.put(mask.axis().name(), mask.stays()));
    return named;
  }
}
