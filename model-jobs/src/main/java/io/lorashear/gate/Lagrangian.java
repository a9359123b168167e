package io.lorashear.gate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.gate.MaskRule.Curve;
import io.lorashear.optim.AdamSettings;
import java.util.List;
import java.util.Locale;

/**
 * Holds the masks of one kind to their target (Sheared-LLaMA, arXiv 2310.06694, section 2.1; DDP,
 * arXiv 2603.08065). Amounts are shares, so that the rates do not depend on the size of the model.
 *
 * <pre>
 *   d_p = Σ_{g∈p} w_g s_g / Σ_{g∈p} w_g − t_p(k)               excess of the open share of part p
 *   t_p(k) = 1 − (1 − t_p) · min(1, k/K)                       the target grows over K steps
 *   L   = mean over p of  λ d_p + φ d_p²  + ψ · (Σ_{g∈p} w_g s_g(1 − s_g)) / Σ_{g∈p} w_g
 *   ∂L/∂s_g = (λ + 2 φ d_p + ψ (1 − 2 s_g)) · w_g / (P · Σ_{h∈p} w_h)
 *   λ, φ, ψ ← gradient ascent on L, by Adam                     all start at 0
 * </pre>
 */
final class Lagrangian {
  private final String kind;
  private final List<Constraint> parts;
  private final Rates rates;
  private final long growth;
  private final Multiplier lambda = new Multiplier();
  private final Multiplier phi = new Multiplier();
  private final Multiplier psi = new Multiplier();

  /**
   * Groups whose weighted sum has one target.
   *
   * @param axes indices of the axes in the list of all
   * @param weights w, the weight of a group of each of these axes
   * @param share t, the share of the sum of the weights that is to be left
   */
  @SuppressWarnings("ArrayRecordComponent") // read, never compared
  record Part(int[] axes, double[] weights, double share) implements Constraint {
    private double all(List<Curve> counts) {
      double all = 0;
      for (int i = 0; i < axes.length; i++) {
        all += weights[i] * counts.get(axes[i]).values().length;
      }
      return all;
    }

    /** Σ w s / Σ w. */
    @Override
    public double open(List<Curve> counts) {
      double open = 0;
      for (int i = 0; i < axes.length; i++) {
        for (double s : counts.get(axes[i]).values()) {
          open += weights[i] * s;
        }
      }
      return open / all(counts);
    }

    @Override
    public double undecided(List<Curve> counts) {
      double undecided = 0;
      for (int i = 0; i < axes.length; i++) {
        for (double s : counts.get(axes[i]).values()) {
          undecided += weights[i] * s * (1 - s);
        }
      }
      return undecided / all(counts);
    }

    @Override
    public void addGradient(
        List<Curve> counts, double slope, double binary, List<double[]> gradients) {
      double all = all(counts);
      for (int i = 0; i < axes.length; i++) {
        var s = counts.get(axes[i]);
        var into = gradients.get(axes[i]);
        for (int g = 0; g < into.length; g++) {
          double each = slope + binary * (1 - 2 * s.values()[g]);
          into[g] += each * weights[i] / all * s.slopes()[g];
        }
      }
    }
  }

  /**
   * How fast the multipliers grow, each as a multiple of the masks' own rate.
   *
   * @param linear of λ
   * @param square of φ
   * @param binary of ψ; 0 if it is not used
   */
  record Rates(double linear, double square, double binary) {}

  /**
   * For the groups of one kind.
   *
   * @param growth K, steps until the target has its full value; 0: from the first step
   */
  Lagrangian(String kind, List<? extends Constraint> parts, Rates rates, long growth) {
    this.kind = kind;
    this.parts = List.copyOf(parts);
    this.rates = rates;
    this.growth = growth;
  }

  String kind() {
    return kind;
  }

  /** t of a part at a step. */
  private double target(Constraint part, long step) {
    return 1 - (1 - part.share()) * (growth == 0 ? 1 : Math.min(1, (double) step / growth));
  }

  /** L at a step. */
  double value(List<Curve> counts, long step) {
    double sum = 0;
    for (var part : parts) {
      double d = part.open(counts) - target(part, step);
      sum += lambda.value * d + phi.value * d * d + psi.value * part.undecided(counts);
    }
    return sum / parts.size();
  }

  /** Adds ∂L/∂s · ∂s/∂z of every group to {@code gradients}, in the layout of {@code counts}. */
  void addGradient(List<Curve> counts, long step, List<double[]> gradients) {
    for (var part : parts) {
      double d = part.open(counts) - target(part, step);
      double slope = (lambda.value + 2 * phi.value * d) / parts.size();
      part.addGradient(counts, slope, psi.value / parts.size(), gradients);
    }
  }

  /** One step of λ, φ and ψ up the gradient. */
  void ascend(List<Curve> counts, long step, double rate, AdamSettings adam) {
    double linear = 0;
    double square = 0;
    double binary = 0;
    for (var part : parts) {
      double d = part.open(counts) - target(part, step);
      linear += d / parts.size();
      square += d * d / parts.size();
      binary += part.undecided(counts) / parts.size();
    }
    lambda.ascend(linear, rate * rates.linear(), adam);
    phi.ascend(square, rate * rates.square(), adam);
    psi.ascend(binary, rate * rates.binary(), adam);
  }

  /** The open share and its target, for the report of a run. */
  ObjectNode report(List<Curve> counts, long step) {
    var json = JsonNodeFactory.instance.objectNode().put("kind", kind);
    json.put("open", parts.stream().mapToDouble(part -> part.open(counts)).average().orElse(1));
    json.put("target", parts.stream().mapToDouble(p -> target(p, step)).average().orElse(1));
    return json.put("lambda", lambda.value).put("phi", phi.value).put("psi", psi.value);
  }

  /** The same as a progress text, for example {@code open 0.812 of 0.770}. */
  String standing(List<Curve> counts, long step) {
    var report = report(counts, step);
    double open = report.path("open").asDouble();
    return String.format(Locale.ROOT, "open %.3f of %.3f", open, report.path("target").asDouble());
  }

  ObjectNode toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    json.set("lambda", lambda.toJson());
    json.set("phi", phi.toJson());
    json.set("psi", psi.toJson());
    return json;
  }

  void restore(JsonNode json) {
    lambda.restore(json.path("lambda"));
    phi.restore(json.path("phi"));
    psi.restore(json.path("psi"));
  }
}
