package io.lorashear.allocate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.Progress;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.shape.Allocated;
import io.lorashear.torch.TorchModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many groups each axis loses: of the widths that were measured those of {@link LeastLoss}, and
 * what they remove beyond the budget given back.
 *
 * <pre>
 *   while Σ parameters − budget is at least a step of an axis that loses some, but not all:
 *     a ← the axis of steepest loss per parameter between its width and the one before
 *     a gets back as many steps as the surplus allows, at most as far as the one before
 * </pre>
 *
 * So the budget is met, and as a rule passed by less than one step. The losses of axes are added as
 * if each stayed the same whatever else goes.
 *
 * @param budget parameters to remove
 * @param tokens that losses are measured on
 * @param unit parameters of one unit of the choice; all costs are multiples of it unless they were
 *     rounded
 * @param losses D(p ‖ q) of each option of each axis, in nats per token
 * @param chosen index of the option of each axis
 * @param removed groups that each axis loses
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
public record WidthAllocation(
    long budget,
    long tokens,
    long unit,
    List<AxisOptions> options,
    List<double[]> losses,
    int[] chosen,
    int[] removed) {

  /** File name of an allocation in the pruned checkpoint's folder. */
  public static final String FILE = "allocation.json";

  /**
   * Measures the options on a live model, and chooses.
   *
   * @param scores of every group of each axis; the lowest go first
   * @param batches token ids (B, T) of each
   * @param budget parameters to remove, no more than the options have
   * @param finished folder for what is measured, so that a killed run resumes; or null
   */
  public static WidthAllocation of(
      TorchModel model,
      List<AxisWeights> axes,
      List<AxisOptions> options,
      List<double[]> scores,
      List<int[][]> batches,
      long budget,
      @Nullable Path finished,
      Progress progress) {
    var losses = new AxisLosses(model, axes, options, scores, finished).of(batches, progress);
    long tokens = 0;
    for (var batch : batches) {
      tokens += (long) batch.length * batch[0].length;
    }
    return of(options, losses, budget, tokens);
  }

  /** The choice by losses that are known. */
  static WidthAllocation of(
      List<AxisOptions> options, List<double[]> losses, long budget, long tokens) {
    var costs = options.stream().map(AxisOptions::parameters).toList();
    var least = new LeastLoss(costs, losses, LeastLoss.UNITS);
    var chosen = least.choose(budget);
    var removed = new int[chosen.length];
    for (int i = 0; i < removed.length; i++) {
      removed[i] = options.get(i).removed().get(chosen[i]);
    }
    var allocation =
        new WidthAllocation(budget, tokens, least.unit(budget), options, losses, chosen, removed);
    allocation.giveBack(least.cost(chosen) - budget);
    return allocation;
  }

  private void giveBack(long surplus) {
    var axes = new ArrayList<Integer>();
    for (int i = 0; i < removed.length; i++) {
      if (chosen[i] > 0 && removed[i] < options.get(i).axis().size() && slope(i) > 0) {
        axes.add(i);
      }
    }
    axes.sort((a, b) -> Double.compare(slope(b), slope(a)));
    long left = surplus;
    for (int i : axes) {
      var option = options.get(i);
      long step = option.cost() * option.step();
      int before = option.removed().get(chosen[i] - 1);
      long steps = Math.min(left / step, (removed[i] - before) / option.step());
      removed[i] -= Math.toIntExact(steps * option.step());
      left -= steps * step;
    }
  }

  /** Loss per parameter between the chosen option of an axis and the one before. */
  private double slope(int i) {
    var costs = options.get(i).parameters();
    int j = chosen[i];
    return (losses.get(i)[j] - losses.get(i)[j - 1]) / (costs[j] - costs[j - 1]);
  }

  /** The widths as the rule by which a method takes groups. */
  public Allocated rule() {
    var groups = new HashMap<String, Integer>();
    var beside = new HashMap<String, Long>();
    for (int i = 0; i < removed.length; i++) {
      groups.put(options.get(i).axis().name(), removed[i]);
      beside.put(options.get(i).axis().name(), options.get(i).beside());
    }
    return new Allocated(groups, beside);
  }

  /** Parameters that go. */
  long parameters() {
    long sum = 0;
    for (int i = 0; i < removed.length; i++) {
      sum += options.get(i).parameters(removed[i]);
    }
    return sum;
  }

  /** All that was measured, and what was chosen. */
  public ObjectNode toJson() {
    var json = JsonFile.object();
    json.put("tokens", tokens).put("unit", unit);
    json.put("budget", budget).put("parameters", parameters());
    json.put("loss", loss());
    var axes = json.putArray("axes");
    for (int i = 0; i < removed.length; i++) {
      var option = options.get(i);
      var axis = axes.addObject();
      axis.put("axis", option.axis().name()).put("groups", option.axis().size());
      var all = axis.putArray("options");
      for (int j = 0; j < option.removed().size(); j++) {
        int gone = option.removed().get(j);
        all.addObject()
            .put("removed", gone)
            .put("parameters", option.parameters(gone))
            .put("loss", losses.get(i)[j]);
      }
      axis.put("chosen", option.removed().get(chosen[i])).put("removed", removed[i]);
    }
    return json;
  }

  /** The sum of the chosen options' losses. */
  private double loss() {
    double sum = 0;
    for (int i = 0; i < chosen.length; i++) {
      sum += losses.get(i)[chosen[i]];
    }
    return sum;
  }
}
