package io.lorashear.gate;

import io.lorashear.InputException;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PrunableAxis;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.gate.ExpectedParameters.Line;
import io.lorashear.gate.ExpectedParameters.Term;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.Widths;
import io.lorashear.optim.PruningBudget;
import io.lorashear.saliency.AxisWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Masks on the channels of the residual stream (z^hidden of Sheared-LLaMA, arXiv 2310.06694,
 * section 2.1), of which a given number stays. The rest of a budget is taken from heads and
 * channels of MLPs, which then have fewer parameters.
 *
 * @param axis axis of the stream
 * @param stays number of channels that stay
 */
public record StreamMask(PruningSpace space, AxisWeights axis, int stays) {

  /**
   * Refuses a number of channels that cannot stay.
   *
   * @throws InputException if it is not between 1 and one less than the stream has
   */
  public StreamMask {
    if (stays < 1 || stays >= axis.size()) {
      throw new InputException(
          "sheared.hidden is %d, but the residual stream has %d channels: give a number from 1 to"
              + " %d, or 0 to keep all",
          stays, axis.size(), axis.size() - 1);
    }
  }

  /**
   * The axis of a model's residual stream.
   *
   * @throws InputException if its channels cannot be removed
   */
  public static PrunableAxis axis(PruningSpace space) {
    return space.removable(Set.of(AxisRole.RESIDUAL)).stream()
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "sheared.hidden is set, but channels of this model's residual stream cannot go:"
                        + " %s. Leave it out",
                    space.axes().stream()
                        .filter(axis -> axis.role() == AxisRole.RESIDUAL)
                        .map(PrunableAxis::reason)
                        .findFirst()
                        .orElse("it has none")));
  }

  /** The model with as many channels as stay; which ones does not matter for its size. */
  public WidthPlan narrow() {
    return new WidthPlan(Groups.of(axis.name(), IntStream.range(stays, axis.size()).toArray()));
  }

  /** The axes, with the cost of one of their groups in the narrow stream. */
  public List<AxisWeights> narrowed(List<AxisWeights> axes) {
    return axes.stream()
        .map(each -> new AxisWeights(each.axis(), cost(each, narrow()), each.slices()))
        .toList();
  }

  private long cost(AxisWeights each, Widths widths) {
    return space.cost(each.axis().axis(), widths);
  }

  /**
   * What is to be removed besides the stream's channels.
   *
   * @param narrowed axes as {@link #narrowed} returns them
   * @param whole whether whole layers are removed too, beyond the cap of an axis
   * @throws InputException if the channels alone are too many, or the rest does not have enough
   *     parameters
   */
  public PruningBudget rest(PruningBudget budget, List<AxisWeights> narrowed, boolean whole) {
    long freed = space.graph().parameterCount() - space.graph().parameterCount(narrow());
    var rest =
        new PruningBudget(
            budget.total(), budget.remove() - freed, budget.cap(), budget.caps(), budget.shape());
    long most =
        rest.reachable(
            narrowed.stream().map(each -> rest.whole(each.axis(), each.cost())).toList());
    if (freed > budget.remove() || !whole && most < rest.remove()) {
      throw new InputException(
          "sheared.hidden is %d: the channels that go hold %d parameters, and heads and channels of"
              + " MLPs at most %d of the others, but %d are to go in all: choose a ratio between"
              + " the two, or let another number of channels stay",
          stays, freed, most, budget.remove());
    }
    return rest;
  }

  /**
   * The expected number of parameters under masks of all kinds.
   *
   * @param axes axes with groups, in the order of all masks, which continues with those on the
   *     stream and those on layers
   * @param share of all parameters that is to be left
   */
  Constraint parameters(List<AxisWeights> axes, LayerMasks layers, double share) {
    var graph = space.graph();
    var terms = new ArrayList<Term>();
    long all = 0;
    long less = 0;
    for (int i = 0; i < axes.size(); i++) {
      var cost = line(cost(axes.get(i), Widths.TRACED), cost(axes.get(i), oneLess()));
      terms.add(new Term(i, layers.layerOf(i), cost));
      all += cost(axes.get(i), Widths.TRACED) * axes.get(i).size();
      less += cost(axes.get(i), oneLess()) * axes.get(i).size();
    }
    var base = line(graph.parameterCount() - all, graph.parameterCount(oneLess()) - less);
    int behind = layers.size() > 0 ? axes.size() + 1 : -1;
    return new ExpectedParameters(axes.size(), behind, base, List.copyOf(terms), share);
  }

  private Widths oneLess() {
    return each -> each.indices() - (each.equals(axis.axis().axis()) ? 1 : 0);
  }

  /** The line through the counts with all channels and with one less. */
  private Line line(long whole, long less) {
    return new Line((double) (whole - less), (double) (whole - (whole - less) * axis.size()));
  }
}
