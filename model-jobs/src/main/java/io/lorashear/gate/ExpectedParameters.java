package io.lorashear.gate;

import io.lorashear.gate.MaskRule.Curve;
import java.util.List;

/**
 * The expected number of parameters of a model whose residual stream has masks too: every matrix
 * has the stream along one side and heads or channels along the other, so that masks are multiplied
 * (CoFi, arXiv 2204.00408, section 3, on which Sheared-LLaMA is based).
 *
 * <pre>
 *   h = Σ_j s_j                                              channels of the stream
 *   E = α₀h + β₀ + Σ_i (α_i h + β_i) · l_i · Σ_{g∈i} s_g      axes i, l_i = s of i's layer, or 1
 *   open = E / E(all open)
 * </pre>
 *
 * β is the cost of what has no side along the stream: biases of q, k and v, norms of heads. Norms
 * of layers count as kept.
 *
 * @param stream index of the stream's axis in the list of all
 * @param layers index of the masks on layers; −1 if there are none
 * @param base α₀, β₀
 * @param terms one for each axis with groups
 * @param share t, of all parameters
 */
record ExpectedParameters(int stream, int layers, Line base, List<Term> terms, double share)
    implements Constraint {

  /** {@code α h + β}. */
  record Line(double alpha, double beta) {
    double at(double h) {
      return alpha * h + beta;
    }
  }

  /**
   * One axis.
   *
   * @param axis its index in the list of all
   * @param layer its layer's index among the masks on layers; −1 if it has none
   * @param cost of one group
   */
  record Term(int axis, int layer, Line cost) {}

  @Override
  public double open(List<Curve> counts) {
    return expected(counts) / all(counts);
  }

  private double expected(List<Curve> counts) {
    double h = sum(counts.get(stream));
    double expected = base.at(h);
    for (var term : terms) {
      expected += term.cost().at(h) * layer(counts, term) * sum(counts.get(term.axis()));
    }
    return expected;
  }

  private double all(List<Curve> counts) {
    double h = counts.get(stream).values().length;
    double all = base.at(h);
    for (var term : terms) {
      all += term.cost().at(h) * counts.get(term.axis()).values().length;
    }
    return all;
  }

  private double layer(List<Curve> counts, Term term) {
    return term.layer() < 0 ? 1 : counts.get(layers).values()[term.layer()];
  }

  private static double sum(Curve curve) {
    double sum = 0;
    for (double s : curve.values()) {
      sum += s;
    }
    return sum;
  }

  /** Masks are not pushed towards 0 or 1: hard-concrete masks get there by themselves. */
  @Override
  public double undecided(List<Curve> counts) {
    return 0;
  }

  @Override
  public void addGradient(
      List<Curve> counts, double slope, double binary, List<double[]> gradients) {
    double h = sum(counts.get(stream));
    double each = slope / all(counts);
    double byStream = base.alpha();
    for (var term : terms) {
      double open = sum(counts.get(term.axis()));
      double layer = layer(counts, term);
      byStream += term.cost().alpha() * layer * open;
      add(counts, term.axis(), each * term.cost().at(h) * layer, gradients);
      if (term.layer() >= 0) {
        double ofLayer = counts.get(layers).slopes()[term.layer()];
        gradients.get(layers)[term.layer()] += each * term.cost().at(h) * open * ofLayer;
      }
    }
    add(counts, stream, each * byStream, gradients);
  }

  private static void add(List<Curve> counts, int axis, double slope, List<double[]> gradients) {
    var slopes = counts.get(axis).slopes();
    for (int g = 0; g < slopes.length; g++) {
      gradients.get(axis)[g] += slope * slopes[g];
    }
  }
}
