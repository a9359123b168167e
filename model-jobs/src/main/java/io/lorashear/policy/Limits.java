package io.lorashear.policy;

import io.lorashear.InputException;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PrunableAxis.Status;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Widths;
import io.lorashear.optim.PruningBudget;
import io.lorashear.saliency.KnowledgeProfile;
import io.lorashear.saliency.ProfileBudget;
import io.lorashear.settings.Nearest;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Candidates;
import io.lorashear.shape.Shape;
import io.lorashear.shape.ShapeRule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Limits on what may be pruned, from the settings alone, without reading weights.
 *
 * <pre>
 *   axes that may lose groups   heads, and channels or experts       experts
 *                               less those that are named            protect
 *                               less the γ most sensitive            profile, profileAs: protect
 *   at most                     a share of each                      cap
 *                               a share of its own of each           profile, profileAs: budget
 *   together                    what the shape allows                shape, multiple
 * </pre>
 *
 * @param protectedAxes names of axes that are not pruned
 * @param caps largest share of single axes that may be pruned, by name; other axes have the
 *     settings' cap
 */
public record Limits(Set<String> protectedAxes, Map<String, Double> caps, ShapeRule shape) {

  /**
   * The limits of a model.
   *
   * @throws InputException as {@link #check}, and if the axes protected by the profile make the
   *     ratio unreachable
   */
  public static Limits of(Policy policy, ModelConfig config, PruningSpace space) {
    check(policy, config, space);
    var shape = shape(policy, config, space);
    var kept = protectedAxes(policy, space, shape);
    var limits = new Limits(kept, caps(policy, space, kept), shape);
    limits.requireReach(policy, space);
    return limits;
  }

  /**
   * Checks everything that can be checked before there is a profile.
   *
   * @throws InputException with everything that the model lacks and all contradictions; if there
   *     are none, if the ratio is unreachable
   */
  public static void check(Policy policy, ModelConfig config, PruningSpace space) {
    var shape = shape(policy, config, space);
    var problems = new ArrayList<>(unknown(policy, space));
    problems.addAll(contradictions(policy, config, space, shape));
    if (!problems.isEmpty()) {
      throw new InputException("%s", String.join("\n", problems));
    }
    new Limits(Set.copyOf(policy.protect()), Map.of(), shape).requireReach(policy, space);
  }

  private void requireReach(Policy policy, PruningSpace space) {
    if (policy.byWidth()) {
      budget(policy, space.graph().parameterCount())
          .check(policy.ratio(), candidates(policy, space));
    }
  }

  private static ShapeRule shape(Policy policy, ModelConfig config, PruningSpace space) {
    return policy.shape().rule(space, policy.multiple(), config.known().storesHeadDimension());
  }

  /** The number of parameters to prune, and its limits. */
  public PruningBudget budget(Policy policy, long total) {
    return new PruningBudget(total, Math.round(policy.ratio() * total), policy.cap(), caps, shape);
  }

  /** The axes that may lose groups. */
  public List<PrunableAxis> prunable(Policy policy, PruningSpace space) {
    return prunable(space, policy, protectedAxes).toList();
  }

  private List<Candidates> candidates(Policy policy, PruningSpace space) {
    var budget = budget(policy, space.graph().parameterCount());
    return prunable(space, policy, protectedAxes)
        .map(axis -> budget.whole(axis, space.cost(axis.axis(), Widths.TRACED)))
        .toList();
  }

  /** Problems of settings that name parts which the model does not have. */
  private static List<String> unknown(Policy policy, PruningSpace space) {
    var problems = new ArrayList<String>();
    if (policy.experts() && space.prunable(Set.of(AxisRole.EXPERTS)).isEmpty()) {
      problems.add(
          "experts is true, but %s has no experts that could go: leave it out"
              .formatted(policy.checkpoint()));
    }
    if (policy.structures().contains(AxisRole.RESIDUAL)) {
      space.axes().stream()
          .filter(axis -> axis.role() == AxisRole.RESIDUAL && axis.status() == Status.UNPRUNABLE)
          .map(
              axis ->
                  "channels of the residual stream of %s cannot go: %s. Choose heads and channels"
                          .formatted(policy.checkpoint(), axis.reason())
                      + " of single layers (llmPruner.by: block)")
          .forEach(problems::add);
    }
    var known = space.axes().stream().map(PrunableAxis::name).toList();
    for (var name : policy.protect()) {
      if (!known.contains(name)) {
        var near = Nearest.to(name, known).map(axis -> ": did you mean " + axis).orElse("");
        problems.add(
            "protect names the axis %s, which the model does not have%s".formatted(name, near));
      }
    }
    return problems;
  }

  /** Problems of the shape with this model, and with the axes that the settings protect. */
  private static List<String> contradictions(
      Policy policy, ModelConfig config, PruningSpace space, ShapeRule shape) {
    var named = Set.copyOf(policy.protect());
    var kept =
        prunable(space, policy, Set.of())
            .filter(axis -> named.contains(axis.name()))
            .collect(Collectors.toSet());
    var limits = new Limits(named, Map.of(), shape);
    var problems =
        new ArrayList<>(shape.contradictions(space, limits.candidates(policy, space), kept));
    boolean whole = config.layers().stream().allMatch(each -> each.attends() && each.hasMlp());
    if (!whole && Set.of(Shape.UNIFORM, Shape.UNIFORM_FFN).contains(policy.shape())) {
      problems.add("layers without attention or MLP stay unlike others: choose deci or free");
    }
    return problems.stream()
        .map(
            problem ->
                "shape is %s for a %s model: %s"
                    .formatted(Settings.word(policy.shape()), config.modelType(), problem))
        .toList();
  }

  /** The axes protected by name and those protected by the profile. */
  private static Set<String> protectedAxes(Policy policy, PruningSpace space, ShapeRule shape) {
    var named = new HashSet<>(policy.protect());
    if (policy.profile().isPresent() && policy.profileAs() == ProfileUse.PROTECT) {
      long total = space.graph().parameterCount();
      named.addAll(
          KnowledgeProfile.read(policy.profile().get())
              .unprunable(
                  policy.unprunable(),
                  names -> {
                    var limits = new Limits(names, Map.of(), shape);
                    var budget = limits.budget(policy, total);
                    return budget.reachable(limits.candidates(policy, space)) >= budget.remove();
                  }));
    }
    return named;
  }

  private static Stream<PrunableAxis> prunable(
      PruningSpace space, Policy policy, Set<String> kept) {
    return space.removable(policy.structures()).stream()
        .filter(axis -> !kept.contains(axis.name()));
  }

  /**
   * Caps of axes that have a budget of their own: the budget and one group more, because only whole
   * groups are pruned.
   */
  private static Map<String, Double> caps(Policy policy, PruningSpace space, Set<String> kept) {
    if (policy.profileAs() == ProfileUse.PROTECT) {
      return Map.of();
    }
    var axes = prunable(space, policy, kept).toList();
    var shares =
        ProfileBudget.shares(
            KnowledgeProfile.read(policy.profile().orElseThrow()),
            axes.stream()
                .map(axis -> new ProfileBudget.Axis(axis.name(), space.parameters(axis)))
                .toList(),
            Math.round(policy.ratio() * space.graph().parameterCount()),
            policy.cap());
    var caps = new TreeMap<String, Double>();
    for (var axis : axes) {
      caps.put(axis.name(), shares.getOrDefault(axis.name(), 0.0) + 1.0 / axis.size());
    }
    return caps;
  }
}
