package io.lorashear.optim;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.compensate.Compensation;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.optim.LhspgSettings.Mode;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.torch.TorchModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * LHSPG, the LoRA half-space projected gradient: LoRAShear (arXiv 2310.18356), Algorithm 4. It is
 * an optimizer of A and B that drives the redundant groups of the frozen weights to zero.
 *
 * <pre>
 *   for T_w steps:  A, B ← AdamW                                        warm-up
 *   for p = 0 … P−1:
 *     s_g ← saliency of x + sBA with u = sBA since the last fold        before anything is folded
 *     G_p ← the least salient groups, until (p+1)/P of the budget is met    see RemovalOrder
 *     if p &gt; 0:  x ← x + sBA,  B ← 0                                 important rows
 *                 least squares towards the dense model               option: compensation.towards
 *     Δ ← least squares for layers that read G_p                        option: compensation
 *     for t = 0 … T_p−1:
 *       A, B ← AdamW                                                  equation 1
 *       for g in G_p:                                                   equation 2
 *         x̃_g = x_g + s(BA)_g − λ_g·x_g/‖x_g‖,   λ_g = ‖x_g‖/(T_p − t)
 *         x_g ← 0  if t = T_p − 1 or ⟨x̃_g, x_g⟩ &lt; ε‖x_g‖²,  else x̃_g
 *         B_g ← 0, its moments and step counts restart
 *       x ← x + Δ/T_p                                                   in layers that read G_p
 *   x ← x + sBA,  B ← 0
 * </pre>
 *
 * An attention or an MLP that is removed as a whole (see {@link io.lorashear.shape.Deci}) is one
 * group: all that is left of it becomes zero at once. Groups at zero stay there: their rows of B,
 * gradients included, are held at zero. Steps after the last period train A and B of the remaining
 * groups.
 */
public final class Lhspg implements PairOptimizer {
  private final AdamW adam;
  private final LoraFold fold;
  private final LhspgSettings settings;
  private final RemovalOrder order;
  private final Compensation compensation;
  private final HalfSpace halfSpace;
  private final WeightChanges changes;
  private final List<AxisWeights> axes;
  private final LhspgReport report = new LhspgReport();
  private final TorchModel model;
  private @Nullable ActiveGroups shrinking;
  private @Nullable RowMasks restarting;
  private @Nullable RowMasks gone;
  private Groups active = Groups.none();
  private Groups removed = Groups.none();
  private int step;

  /**
   * Starts before the first step.
   *
   * @param model the model with LoRA pairs
   * @param adam the optimizer of A and B
   * @param fold folds the same pairs
   * @param order which groups are removed, and when
   * @param compensation refits layers that read the same axes
   */
  public Lhspg(
      TorchModel model,
      AdamW adam,
      LoraFold fold,
      LhspgSettings settings,
      RemovalOrder order,
      Compensation compensation) {
    this.model = model;
    this.adam = adam;
    this.fold = fold;
    this.settings = settings;
    this.order = order;
    this.compensation = compensation;
    this.halfSpace = new HalfSpace(settings.epsilon());
    this.axes = order.axes();
    var refitted = new LinkedHashMap<String, NDArray>(compensation.matrices());
    refitted.putAll(compensation.updates());
    this.changes = new WeightChanges(model.manager(), fold, axes, refitted);
  }

  /** The number of groups that are being driven to zero, and of those at zero. */
  @Override
  public Map<String, Double> measured() {
    return Map.of(
        "groupsShrinking", (double) active.count(), "groupsRemoved", (double) removed.count());
  }

  @Override
  public Map<String, NDArray> weights() {
    return adam.weights();
  }

  @Override
  public void prepareGradients() {
    if (gone == null) {
      gone = new RowMasks(model.manager(), axes, removed);
    }
    gone.still();
  }

  @Override
  public void step(double learningRate) {
    if (step == settings.warmupSteps()) {
      betweenPeriods(0);
    }
    adam.step(learningRate);
    step++;
    int since = step - settings.warmupSteps(); // steps done within periods, this one included
    if (since > 0 && since <= settings.periods() * settings.stepsPerPeriod()) {
      shrink((since - 1) % settings.stepsPerPeriod());
    }
    if (restarting == null) {
      boolean resting = settings.mode() == Mode.PAPER;
      restarting = new RowMasks(model.manager(), axes, resting ? removed.plus(active) : removed);
    }
    restarting.hold(adam);
    if (since > 0 && since % settings.stepsPerPeriod() == 0) {
      betweenPeriods(since / settings.stepsPerPeriod());
    }
  }

  /** The inner loop over G_p at step {@code t} of a period. */
  private void shrink(int t) {
    int left = settings.stepsPerPeriod() - t;
    var zero = shrink(shrinking(), left);
    if (!zero.isEmpty()) {
      report.arrived(zero.count(), left > 1 && settings.mode() == Mode.PAPER);
      active = active.minus(zero);
      removed = removed.plus(zero);
      chosenAnew();
    }
    compensation.add(1.0 / settings.stepsPerPeriod());
  }

  private Groups shrink(ActiveGroups groups, int left) {
    if (settings.mode() == Mode.PAPER) {
      return groups.project(halfSpace, left);
    }
    // The released code reaches zero one step early and then does nothing.
    return left == 1 ? Groups.none() : groups.shrink(left - 1);
  }

  private void betweenPeriods(int period) {
    if (period > settings.periods()) {
      return;
    }
    var chosen = period < settings.periods() ? choose(period) : Groups.none();
    if (period > 0 && settings.mode() == Mode.PAPER) {
      fold();
      compensation.after(removed);
    }
    if (period < settings.periods()) {
      active = active.plus(chosen);
      chosenAnew();
      compensation.measure(chosen, kept());
    }
  }

  /** G_p. */
  private Groups choose(int period) {
    var chosen = order.next(kept(), removed, period, settings.periods());
    report.begin(chosen.count());
    return chosen;
  }

  /** Groups that are neither shrinking nor removed. */
  private Groups kept() {
    return AxisWeights.all(axes).minus(active).minus(removed);
  }

  private void fold() {
    changes.fold();
    fold.bindings().forEach(pair -> adam.restart(pair.b()));
  }

  private ActiveGroups shrinking() {
    if (shrinking == null) {
      shrinking = new ActiveGroups(model, axes, active, this::goesWhole);
    }
    return shrinking;
  }

  /** Whether no group of the axis would be left. */
  private boolean goesWhole(AxisWeights axis) {
    return active.count(axis.name()) + removed.count(axis.name()) == axis.size();
  }

  /** Discards what was derived from the groups; it is made again when needed. */
  private void chosenAnew() {
    if (shrinking != null) {
      shrinking.close();
    }
    if (gone != null) {
      gone.close();
    }
    if (restarting != null) {
      restarting.close();
    }
    shrinking = null;
    gone = null;
    restarting = null;
  }

  @Override
  public WidthPlan finish() {
    if (step < settings.warmupSteps() + settings.periods() * settings.stepsPerPeriod()) {
      throw new IllegalStateException("LHSPG was stopped at step " + step);
    }
    fold();
    return new WidthPlan(removed);
  }

  /** The report on the periods so far. */
  public LhspgReport report() {
    return report;
  }

  @Override
  public ObjectNode figures() {
    return report.toJson();
  }

  @Override
  public Map<String, NDArray> arrays() {
    var arrays = new LinkedHashMap<>(adam.arrays());
    arrays.putAll(changes.arrays(shrinking()));
    return arrays;
  }

  @Override
  public void expect(ObjectNode values) {
    changes.expect(values.path("folds").asInt());
    active = Groups.fromJson(values.path("active"));
    removed = Groups.fromJson(values.path("removed"));
    chosenAnew();
  }

  @Override
  public ObjectNode values() {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("step", step).put("folds", changes.folds());
    json.set("report", report.toJson());
    json.set("active", active.toJson());
    json.set("removed", removed.toJson());
    compensation.pending().forEach(json.putArray("refitting")::add);
    return json;
  }

  @Override
  public void restore(ObjectNode values) {
    step = values.path("step").asInt();
    report.restore(values.path("report"));
    changes.restore(shrinking(), removed);
    var refitting = new ArrayList<String>();
    values.path("refitting").forEach(name -> refitting.add(name.asText()));
    compensation.restore(values.has("refitting") ? refitting : compensation.updates().keySet());
  }
}
