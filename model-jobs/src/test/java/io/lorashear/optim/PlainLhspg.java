package io.lorashear.optim;

import io.lorashear.optim.LhspgSettings.Mode;
import io.lorashear.saliency.SaliencySettings;
import io.lorashear.saliency.SaliencySettings.Measure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * LHSPG once more, in plain numbers: LoRAShear (arXiv 2310.18356), Algorithm 4, on matrices W = x +
 * s·BA that all have a pair. Gradients come from outside.
 */
final class PlainLhspg {
  /** Rows of a matrix from {@code from} to {@code to}, or its columns. */
  record Part(String matrix, boolean columns, int from, int to) {
    boolean holds(int row, int column) {
      int at = columns ? column : row;
      return from <= at && at < to;
    }
  }

  /** What goes together: rows that write it, columns that read it. */
  record Group(String axis, int index, boolean isHead, long cost, List<Part> parts) {
    List<Part> written() {
      return parts.stream().filter(part -> !part.columns()).toList();
    }
  }

  /** A matrix that Adam steps, with a count for every row. */
  static final class Factor {
    double[][] w;
    final double[][] m;
    final double[][] v;
    final int[] n;

    Factor(double[][] w) {
      this.w = w;
      this.m = new double[w.length][w[0].length];
      this.v = new double[w.length][w[0].length];
      this.n = new int[w.length];
    }

    private void step(double[][] g, double rate, AdamSettings adam) {
      for (int i = 0; i < w.length; i++) {
        n[i]++;
        for (int j = 0; j < w[i].length; j++) {
          w[i][j] -= rate * adam.decay() * w[i][j];
          m[i][j] = adam.beta1() * m[i][j] + (1 - adam.beta1()) * g[i][j];
          v[i][j] = adam.beta2() * v[i][j] + (1 - adam.beta2()) * g[i][j] * g[i][j];
          double first = m[i][j] / (1 - Math.pow(adam.beta1(), n[i]));
          double second = v[i][j] / (1 - Math.pow(adam.beta2(), n[i]));
          w[i][j] -= rate * first / (Math.sqrt(second) + adam.epsilon());
        }
      }
    }

    /** As a row is before its first step. */
    private void restart(int row) {
      n[row] = 0;
      for (int j = 0; j < w[row].length; j++) {
        w[row][j] = 0;
        m[row][j] = 0;
        v[row][j] = 0;
      }
    }
  }

  final Map<String, double[][]> x = new LinkedHashMap<>(); // (out, in)
  final Map<String, Factor> a = new LinkedHashMap<>(); // (rank, in)
  final Map<String, Factor> b = new LinkedHashMap<>(); // (out, rank)
  final Set<Group> active = new LinkedHashSet<>();
  final Set<Group> gone = new LinkedHashSet<>();
  private final double scale;
  private final List<Group> groups;
  private final LhspgSettings settings;
  private final SaliencySettings saliency;
  private final AdamSettings adam;
  private final long remove;
  private final ToDoubleFunction<String> most;
  private final Function<Map<String, double[][]>, List<Map<String, double[][]>>> rowGradients;
  private Map<Group, Double> fisher = Map.of();
  private int step;

  /**
   * Before the first step; fill x, a and b, then {@link #begin}.
   *
   * @param most indices that an axis may lose
   * @param rowGradients ∂loss/∂W of every row of calibration, of the effective weights W
   */
  PlainLhspg(
      double scale,
      List<Group> groups,
      LhspgSettings settings,
      SaliencySettings saliency,
      AdamSettings adam,
      long remove,
      ToDoubleFunction<String> most,
      Function<Map<String, double[][]>, List<Map<String, double[][]>>> rowGradients) {
    this.scale = scale;
    this.groups = groups;
    this.settings = settings;
    this.saliency = saliency;
    this.adam = adam;
    this.remove = remove;
    this.most = most;
    this.rowGradients = rowGradients;
  }

  void begin() {
    if (saliency.measure() == Measure.ONCE) {
      fisher = fisher();
    }
  }

  /** One step along the gradients of A and B by the matrix. */
  void step(Map<String, double[][]> ofA, Map<String, double[][]> ofB, double rate) {
    if (step == settings.warmupSteps()) {
      active.addAll(choose(0));
    }
    for (var group : gone) {
      for (var part : group.written()) {
        for (int i = part.from(); i < part.to(); i++) {
          ofB.get(part.matrix())[i] = new double[ofB.get(part.matrix())[i].length];
        }
      }
    }
    a.forEach((matrix, factor) -> factor.step(ofA.get(matrix), rate, adam));
    b.forEach((matrix, factor) -> factor.step(ofB.get(matrix), rate, adam));
    step++;
    int since = step - settings.warmupSteps();
    if (since > 0 && since <= settings.periods() * settings.stepsPerPeriod()) {
      int left = settings.stepsPerPeriod() - (since - 1) % settings.stepsPerPeriod();
      for (var group : List.copyOf(active)) {
        if (settings.mode() == Mode.PAPER ? project(group, left) : shrink(group, left)) {
          active.remove(group);
          gone.add(group);
        }
      }
    }
    gone.forEach(this::restart);
    if (since > 0 && since % settings.stepsPerPeriod() == 0) {
      endPeriod(since / settings.stepsPerPeriod());
    }
  }

  private void endPeriod(int period) {
    if (period > settings.periods()) {
      return;
    }
    var chosen = period < settings.periods() ? choose(period) : List.<Group>of();
    if (settings.mode() == Mode.PAPER) {
      fold();
    }
    active.addAll(chosen);
  }

  /** {@code x ← x + s·BA, B ← 0}. */
  void fold() {
    for (var matrix : x.keySet()) {
      x.put(matrix, effective(matrix));
      var outer = b.get(matrix);
      for (int i = 0; i < outer.w.length; i++) {
        outer.restart(i);
      }
    }
  }

  private void restart(Group group) {
    for (var part : group.written()) {
      for (int i = part.from(); i < part.to(); i++) {
        b.get(part.matrix()).restart(i);
      }
    }
  }

  /** Equation 2; whether the group has arrived at zero. */
  private boolean project(Group group, int left) {
    double squared = sum(group.written(), (matrix, i, j) -> Math.pow(x.get(matrix)[i][j], 2));
    double norm = Math.sqrt(squared);
    double lambda = norm / left;
    double along =
        sum(
            group.written(),
            (matrix, i, j) -> trial(matrix, i, j, lambda / norm) * x.get(matrix)[i][j]);
    boolean leaves = left == 1 || along < settings.epsilon() * squared;
    change(group, (matrix, i, j) -> leaves ? 0 : trial(matrix, i, j, lambda / norm));
    restart(group);
    return leaves;
  }

  private double trial(String matrix, int i, int j, double share) {
    double old = x.get(matrix)[i][j];
    return old + update(matrix, i, j) - share * old;
  }

  /** As only_train_once has it: a straight line, at zero one step early. */
  private boolean shrink(Group group, int left) {
    if (left == 1) {
      return false;
    }
    double keep = (left - 2.0) / (left - 1);
    change(group, (matrix, i, j) -> keep * x.get(matrix)[i][j]);
    for (var part : group.written()) {
      for (int i = part.from(); i < part.to(); i++) {
        var row = b.get(part.matrix()).w[i];
        for (int k = 0; k < row.length; k++) {
          row[k] *= keep;
        }
      }
    }
    return left == 2;
  }

  // Scores

  private List<Group> choose(int period) {
    var measured = saliency.measure() == Measure.ONCE ? fisher : fisher();
    var kept = new ArrayList<>(groups);
    kept.removeAll(active);
    kept.removeAll(gone);
    var scores = new LinkedHashMap<Group, Double>();
    kept.forEach(group -> scores.put(group, 0.0));
    add(scores, kept, true, saliency.magnitude(), this::norm);
    add(scores, kept, true, saliency.averageMagnitude(), g -> norm(g) / g.cost());
    add(scores, kept, true, saliency.cosine(), g -> along(g) / (norm(g) * updateNorm(g)) + 1);
    add(scores, kept, true, saliency.taylor1(), g -> Math.abs(along(g)));
    add(scores, kept, true, saliency.taylor2(), g -> along(g) * along(g) / 2);
    add(scores, kept, false, saliency.fisher(), measured::get);
    kept.sort(Comparator.comparingDouble(scores::get));
    return least(kept, period);
  }

  private List<Group> least(List<Group> ascending, int period) {
    long before = gone.stream().mapToLong(Group::cost).sum();
    long left = remove * (period + 1) / settings.periods() - before;
    var chosen = new ArrayList<Group>();
    for (var group : ascending) {
      if (group.cost() <= left && mayGo(group, chosen)) {
        chosen.add(group);
        left -= group.cost();
      }
    }
    if (period + 1 == settings.periods() && left > 0) {
      ascending.stream()
          .filter(group -> !chosen.contains(group) && mayGo(group, chosen))
          .min(Comparator.comparingLong(Group::cost))
          .ifPresent(chosen::add);
    }
    return chosen;
  }

  private boolean mayGo(Group group, List<Group> chosen) {
    var all = new HashSet<>(gone);
    all.addAll(chosen);
    long lost = all.stream().filter(other -> other.axis().equals(group.axis())).count();
    return lost < most.applyAsDouble(group.axis());
  }

  /** Per parameter, and with unit mean square among the groups that are kept. */
  private static void add(
      Map<Group, Double> total,
      List<Group> kept,
      boolean byKind,
      double weight,
      ToDoubleFunction<Group> score) {
    for (var group : kept) {
      double mean =
          kept.stream()
              .filter(other -> !byKind || other.isHead() == group.isHead())
              .mapToDouble(other -> Math.pow(score.applyAsDouble(other) / other.cost(), 2))
              .average()
              .orElseThrow();
      double each = score.applyAsDouble(group) / group.cost() / Math.sqrt(mean);
      total.merge(group, weight * each, Double::sum);
    }
  }

  private double norm(Group group) {
    return Math.sqrt(sum(group.parts(), (w, i, j) -> Math.pow(weight(w, i, j), 2)));
  }

  private double updateNorm(Group group) {
    return Math.sqrt(sum(group.parts(), (w, i, j) -> Math.pow(update(w, i, j), 2)));
  }

  private double along(Group group) {
    return sum(group.parts(), (w, i, j) -> weight(w, i, j) * update(w, i, j));
  }

  /** Σ over rows of (Σ over the columns that read the group of W · ∂loss/∂W)². */
  private Map<Group, Double> fisher() {
    var weights = new LinkedHashMap<String, double[][]>();
    x.keySet().forEach(matrix -> weights.put(matrix, effective(matrix)));
    var scores = new LinkedHashMap<Group, Double>();
    for (var gradients : rowGradients.apply(weights)) {
      for (var group : groups) {
        var reading = group.parts().stream().filter(Part::columns).toList();
        double slope = sum(reading, (w, i, j) -> weights.get(w)[i][j] * gradients.get(w)[i][j]);
        scores.merge(group, slope * slope, Double::sum);
      }
    }
    return scores;
  }

  // Elements

  private interface Element {
    double at(String matrix, int i, int j);
  }

  private double weight(String matrix, int i, int j) {
    return x.get(matrix)[i][j] + update(matrix, i, j);
  }

  /** s·(BA)ᵢⱼ. */
  private double update(String matrix, int i, int j) {
    double sum = 0;
    for (int k = 0; k < a.get(matrix).w.length; k++) {
      sum += b.get(matrix).w[i][k] * a.get(matrix).w[k][j];
    }
    return scale * sum;
  }

  private double[][] effective(String matrix) {
    var w = new double[x.get(matrix).length][x.get(matrix)[0].length];
    for (int i = 0; i < w.length; i++) {
      for (int j = 0; j < w[i].length; j++) {
        w[i][j] = weight(matrix, i, j);
      }
    }
    return w;
  }

  private double sum(List<Part> parts, Element element) {
    double sum = 0;
    for (var part : parts) {
      var w = x.get(part.matrix());
      for (int i = 0; i < w.length; i++) {
        for (int j = 0; j < w[i].length; j++) {
          sum += part.holds(i, j) ? element.at(part.matrix(), i, j) : 0;
        }
      }
    }
    return sum;
  }

  private void change(Group group, Element element) {
    for (var part : group.written()) {
      var w = x.get(part.matrix());
      for (int i = part.from(); i < part.to(); i++) {
        for (int j = 0; j < w[i].length; j++) {
          w[i][j] = element.at(part.matrix(), i, j);
        }
      }
    }
  }
}
