package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.SameShare;
import io.lorashear.saliency.SliceWeights;
import io.lorashear.shape.Candidates;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.AxisKernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * LoRAPrune (arXiv 2305.18403): saliency from the gradients of A and B alone, averaged over the
 * steps; groups are removed on a cubic schedule while the pairs are trained.
 *
 * <pre>
 *   for every step:
 *     ĝ   = G_B A + B G_A − G_B G_A                                 for every matrix with a pair
 *     I_g = Σ over the matrices W of i_g(W)/‖i(W)‖₂,  i_g(W) = Σ_{g} |ĝ·(W + sBA)|
 *     Ī_g ← β Ī_g + (1 − β) I_g
 *     A, B ← AdamW
 *     every n steps between warm-up and cool-down:
 *       s_t = 1 − (1 − t)³                                          t from 0 to 1
 *       remove the same share of every axis, smallest Ī first, until s_t of the budget is met
 * </pre>
 *
 * A removed group is zero and stays so: its rows of B, gradients included, are held at zero.
 */
public final class LoraPrune implements PairOptimizer {
  private final AdamW adam;
  private final LoraFold fold;
  private final PruningBudget budget;
  private final LoraPruneSettings settings;
  private final List<AxisWeights> axes;
  private final NDManager manager;
  private final List<NDArray> averages = new ArrayList<>(); // (groups,) each
  private final WeightChanges changes;
  private RowMasks gone;
  private Groups removed = Groups.none();
  private int step;

  /**
   * Starts before the first step.
   *
   * @param adam the optimizer of A and B
   * @param fold folds the same pairs
   * @throws InputException if no weight of an axis has a LoRA pair
   */
  public LoraPrune(
      NDManager manager,
      AdamW adam,
      LoraFold fold,
      PruningBudget budget,
      LoraPruneSettings settings,
      List<AxisWeights> axes) {
    this.manager = manager;
    this.adam = adam;
    this.fold = fold;
    this.budget = budget;
    this.settings = settings;
    this.axes = axes;
    this.changes = new WeightChanges(manager, fold, axes, Map.of());
    for (var axis : axes) {
      requirePair(axis);
      var where = axis.slices().get(0).weight().getDevice(); // of their accumulated gradients
      averages.add(manager.zeros(new Shape(axis.size()), DataType.FLOAT32, where));
    }
    gone = new RowMasks(manager, axes, removed);
  }

  private static void requirePair(AxisWeights axis) {
    if (axis.slices().stream().allMatch(slice -> slice.pair() == null)) {
      throw new InputException(
          "the method lora-prune sees groups by LoRA's gradients alone, and no pair stands beside"
              + " the weights of %s: let lora.targets name them, or protect the axis",
          axis.name());
    }
  }

  /** The number of groups that are zero. */
  @Override
  public Map<String, Double> measured() {
    return Map.of("groupsRemoved", (double) removed.count());
  }

  @Override
  public Map<String, NDArray> weights() {
    return adam.weights();
  }

  @Override
  public void prepareGradients() {
    gone.still();
  }

  @Override
  public void step(double learningRate) {
    observe();
    adam.step(learningRate);
    step++;
    if (settings.cuts(step)) {
      cut();
    }
    gone.hold(adam);
  }

  private void observe() {
    for (int i = 0; i < axes.size(); i++) {
      try (var scope = manager.newSubManager()) {
        var products = new ArrayList<NDArray>();
        for (var slice : axes.get(i).slices()) {
          if (slice.pair() != null) {
            products.add(products(scope, slice, axes.get(i).size())); // (groups,)
          }
        }
        AxisKernels.average(averages.get(i), products, settings.decay());
      }
    }
  }

  private static NDArray products(NDManager scope, SliceWeights slice, int groups) {
    var pair = Objects.requireNonNull(slice.pair());
    return AxisKernels.surrogateProducts(
        scope, slice.grouped(), pair.a(), pair.b(), pair.scale(), groups);
  }

  private void cut() {
    var chosen = choose();
    removed = removed.plus(chosen);
    WeightChanges.zero(manager, axes, chosen, Set.of());
    gone.close();
    gone = new RowMasks(manager, axes, removed);
  }

  /** The groups still missing from the share of the budget to be removed by now. */
  private Groups choose() {
    var kept = AxisWeights.all(axes).minus(removed);
    var ranks = SameShare.of(axes, scores(), kept);
    var candidates = new ArrayList<Candidates>();
    for (int i = 0; i < axes.size(); i++) {
      var axis = axes.get(i);
      int left = removed.count(axis.name());
      candidates.add(budget.candidates(axis.axis(), axis.cost(), ranks.get(i), kept, left));
    }
    long before = removedParameters();
    long target = Math.round(budget.remove() * settings.share(step));
    return budget.shape().choose(candidates, target - before, budget.remove() - before);
  }

  private List<double[]> scores() {
    return HostArrays.floats(averages).stream().map(HostArrays::widened).toList();
  }

  private long removedParameters() {
    return axes.stream()
        .mapToLong(axis -> budget.removed(axis.axis(), axis.cost(), removed.count(axis.name())))
        .sum();
  }

  @Override
  public WidthPlan finish() {
    if (step < settings.lastCut()) {
      throw new IllegalStateException("LoRAPrune was stopped at step " + step);
    }
    fold.fold();
    return new WidthPlan(removed);
  }

  @Override
  public ObjectNode figures() {
    return JsonNodeFactory.instance.objectNode().put("groupsRemoved", removed.count());
  }

  @Override
  public Map<String, NDArray> arrays() {
    var arrays = new LinkedHashMap<>(adam.arrays());
    for (int i = 0; i < axes.size(); i++) {
      arrays.put("saliency." + axes.get(i).name(), averages.get(i));
    }
    return arrays;
  }

  @Override
  public ObjectNode values() {
    var json = JsonNodeFactory.instance.objectNode().put("step", step);
    json.set("removed", removed.toJson());
    return json;
  }

  @Override
  public void restore(ObjectNode values) {
    step = values.path("step").asInt();
    removed = Groups.fromJson(values.path("removed"));
    changes.restore(null, removed);
    gone.close();
    gone = new RowMasks(manager, axes, removed);
  }
}
