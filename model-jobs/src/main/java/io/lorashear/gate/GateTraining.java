package io.lorashear.gate;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.compress.WidthPlan;
import io.lorashear.gate.MaskRule.Curve;
import io.lorashear.optim.Optimizer;
import io.lorashear.torch.TorchModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;

/**
 * Trains masks and multipliers while all weights are frozen. It is an optimizer whose weights are
 * the matrices that {@link Gates} writes the masks into.
 *
 * <pre>
 *   min over z, max over λ φ ψ of   c · loss(W · diag(m(z))) + Σ over kinds of L(s(z), λ, φ, ψ)
 *   ∂/∂z = c · ∂loss/∂m · ∂m/∂z + ∂L/∂s · ∂s/∂z
 * </pre>
 *
 * If layers have masks ({@link LayerMasks}), they follow those of the axes. At the end the groups
 * with the smallest masks are removed, as the {@link Target} says, and the others keep their factor
 * in the weights. What is drawn at a step depends on the seed and the step number alone.
 */
public final class GateTraining implements Optimizer, AutoCloseable {
  private final Gates gates;
  private final MaskRule rule;
  private final Target target;
  private final GateRates rates;
  private final long seed;
  private final List<Masks> masks = new ArrayList<>();
  private final List<Lagrangian> lagrangians;
  private List<Curve> factors = List.of();
  private long step;

  /**
   * Starts before the first step, with the masks in the weights.
   *
   * @param model its trainable parameters become the matrices that read the target's axes
   */
  public GateTraining(TorchModel model, MaskRule rule, Target target, GateRates rates, long seed) {
    this.gates = new Gates(model, target.axes());
    this.rule = rule;
    this.target = target;
    this.rates = rates;
    this.seed = seed;
    this.lagrangians = target.lagrangians(rates.multipliers(), rates.growth());
    for (int i = 0; i < target.axes().size(); i++) {
      var first = rule.first(target.axes().get(i).size(), random(-1, i));
      masks.add(new Masks(first, model.manager()));
    }
    if (target.layers().size() > 0) {
      var first = rule.first(target.layers().size(), random(-1, masks.size()));
      masks.add(new Masks(first, model.manager()));
    }
    apply();
  }

  private SplittableRandom random(long at, int axis) {
    return new SplittableRandom((seed * 1_000_003 + at) * 1_000_003 + axis);
  }

  /** Writes the masks of this step into the weights. */
  private void apply() {
    var drawn = new ArrayList<Curve>();
    for (int i = 0; i < masks.size(); i++) {
      drawn.add(rule.factors(masks.get(i).parameters(), random(step, i)));
    }
    factors = drawn;
    gates.apply(target.layers().together(factorValues()));
  }

  /** Factors of this step. */
  private List<double[]> factorValues() {
    return factors.stream().map(Curve::values).toList();
  }

  @Override
  public Map<String, NDArray> weights() {
    return gates.weights();
  }

  @Override
  public void step(double learningRate) {
    var counts = counts();
    var gradients = target.layers().apart(gates.gradients(), factorValues()); // ∂loss/∂m
    for (int i = 0; i < gradients.size(); i++) {
      var each = gradients.get(i);
      for (int g = 0; g < each.length; g++) {
        each[g] *= rates.lossWeight() * factors.get(i).slopes()[g];
      }
    }
    lagrangians.forEach(kind -> kind.addGradient(counts, step, gradients));
    lagrangians.forEach(kind -> kind.ascend(counts, step, learningRate, rates.adam()));
    for (int i = 0; i < masks.size(); i++) {
      masks.get(i).descend(gradients.get(i), step + 1, learningRate, rates.adam(), rule);
    }
    step++;
    apply();
  }

  private List<Curve> counts() {
    return masks.stream().map(each -> rule.counts(each.parameters(), step)).toList();
  }

  /**
   * Ends the run: removed groups contribute nothing any more, and the others keep their factor.
   * {@link #close} then freezes the matrices.
   */
  public WidthPlan finish() {
    var scores = new ArrayList<double[]>();
    for (var each : masks) {
      scores.add(of(each, rule::score));
    }
    var gone = target.choose(scores);
    var kept = new ArrayList<double[]>();
    for (int i = 0; i < masks.size(); i++) {
      var values = of(masks.get(i), rule::kept);
      if (i < gates.axes().size()) {
        gone.indices(gates.axes().get(i).name()).stream().forEach(g -> values[g] = 0);
      }
      kept.add(values);
    }
    gates.apply(target.layers().together(kept));
    return new WidthPlan(gone);
  }

  private static double[] of(Masks masks, DoubleUnaryOperator rule) {
    var values = new double[masks.parameters().length];
    for (int g = 0; g < values.length; g++) {
      values[g] = rule.applyAsDouble(masks.parameters()[g]);
    }
    return values;
  }

  /**
   * The state of masks and multipliers: for each kind the open share and its target. If they are
   * far apart, the run was too short, and the choice of groups is arbitrary.
   */
  public ObjectNode report() {
    var json = JsonNodeFactory.instance.objectNode();
    var counts = counts();
    var kinds = json.putArray("kinds");
    lagrangians.forEach(kind -> kinds.add(kind.report(counts, step)));
    target.widths().forEach(json.putObject("targetWidths")::put);
    return json;
  }

  /** The open share and its target for each kind, as a progress text. */
  @Override
  public String standing() {
    var counts = counts();
    return lagrangians.stream()
        .map(kind -> kind.standing(counts, step))
        .collect(Collectors.joining(", "));
  }

  @Override
  public Map<String, NDArray> arrays() {
    var arrays = new LinkedHashMap<String, NDArray>();
    for (int i = 0; i < masks.size(); i++) {
      var axis = i < gates.axes().size() ? gates.axes().get(i).name() : "layers";
      arrays.put("masks." + axis, masks.get(i).saved());
    }
    return arrays;
  }

  @Override
  public ObjectNode values() {
    var json = JsonNodeFactory.instance.objectNode().put("step", step);
    var kinds = json.putObject("kinds");
    lagrangians.forEach(kind -> kinds.set(kind.kind(), kind.toJson()));
    return json;
  }

  @Override
  public void restore(ObjectNode values) {
    step = values.path("step").asLong();
    masks.forEach(Masks::restore);
    lagrangians.forEach(kind -> kind.restore(values.path("kinds").path(kind.kind())));
    apply();
  }

  /** Freezes the weights as they are. */
  @Override
  public void close() {
    gates.close();
  }
}
