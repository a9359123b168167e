package io.lorashear.gate;

import io.lorashear.InputException;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.dependency.Sublayer;
import io.lorashear.saliency.AxisWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Masks on whole layers in addition to those on their groups (Sheared-LLaMA, arXiv 2310.06694,
 * section 2.1): one per layer, on both its attention and its MLP.
 *
 * <pre>
 *   f_g         = m_ℓ · m_g                       factor on the output of group g in layer ℓ
 *   ∂loss/∂m_g  = m_ℓ · ∂loss/∂f_g
 *   ∂loss/∂m_ℓ  = Σ_{g∈ℓ} m_g · ∂loss/∂f_g
 * </pre>
 *
 * @param layers layers that may be removed, in order
 * @param axes indices of each layer's axes in the list of all
 * @param costs number of parameters removed with each layer
 * @param leaving how many layers are removed
 */
@SuppressWarnings("ArrayRecordComponent") // read, never compared
public record LayerMasks(List<List<Sublayer>> layers, List<int[]> axes, long[] costs, int leaving) {

  /** No layer has a mask. */
  public static final LayerMasks NONE = new LayerMasks(List.of(), List.of(), new long[0], 0);

  /**
   * Masks on all layers of a model that have no protected axis.
   *
   * @param axes whose groups have masks
   * @param stay number of layers that are left at the end, including those without a mask; 0: no
   *     masks
   * @param remove number of parameters to remove in all
   * @throws InputException if that many cannot stay
   */
  public static LayerMasks of(PruningSpace space, List<AxisWeights> axes, int stay, long remove) {
    return of(space, axes, stay, remove, WidthPlan.everything());
  }

  /**
   * The same, for a model that is also made narrower.
   *
   * @param narrow what is removed whatever the layers are
   */
  public static LayerMasks of(
      PruningSpace space, List<AxisWeights> axes, int stay, long remove, WidthPlan narrow) {
    if (stay == 0) {
      return NONE;
    }
    var all = new LinkedHashMap<String, List<Sublayer>>();
    for (var part : space.sublayers()) {
      all.computeIfAbsent(part.layer(), layer -> new ArrayList<>()).add(part);
    }
    var masked = all.values().stream().filter(layer -> gated(layer, axes)).toList();
    int leaving = all.size() - stay;
    if (leaving < 1 || leaving > masked.size()) {
      throw new InputException(
          "sheared.layers is %d, but the model has %d layers, of which %d may go (all groups of"
              + " such a layer have masks, none is protected): give a number from %d to %d",
          stay, all.size(), masked.size(), Math.max(1, all.size() - masked.size()), all.size() - 1);
    }
    var costs = masked.stream().mapToLong(layer -> cost(space, layer, narrow)).toArray();
    long most = Arrays.stream(costs).map(c -> -c).sorted().limit(leaving).map(c -> -c).sum();
    if (most > remove) {
      throw new InputException(
          "sheared.layers is %d, but the %d layers that go then may hold %d parameters, more than"
              + " the %d that are to go: raise the ratio, or let more layers stay",
          stay, leaving, most, remove);
    }
    return new LayerMasks(
        masked, masked.stream().map(layer -> places(layer, axes)).toList(), costs, leaving);
  }

  private static boolean gated(List<Sublayer> layer, List<AxisWeights> axes) {
    return layer.stream()
        .allMatch(part -> axes.stream().anyMatch(axis -> axis.name().equals(part.axis().name())));
  }

  private static int[] places(List<Sublayer> layer, List<AxisWeights> axes) {
    var names = new LinkedHashSet<String>();
    layer.forEach(part -> names.add(part.axis().name()));
    return IntStream.range(0, axes.size())
        .filter(i -> names.contains(axes.get(i).name()))
        .toArray();
  }

  private static long cost(PruningSpace space, List<Sublayer> layer, WidthPlan narrow) {
    var without = new WidthPlan(narrow.removed().plus(groups(layer)));
    return narrow.parameters(space.graph()) - without.parameters(space.graph());
  }

  private static Groups groups(List<Sublayer> layer) {
    return Groups.all(layer.stream().map(Sublayer::axis).toList());
  }

  /** How many layers have a mask. */
  int size() {
    return layers.size();
  }

  /**
   * The index, among these layers, of the layer of the axis at that index; −1 if it has no mask.
   */
  int layerOf(int axis) {
    return IntStream.range(0, size())
        .filter(l -> Arrays.stream(axes.get(l)).anyMatch(i -> i == axis))
        .findFirst()
        .orElse(-1);
  }

  /** Share of these layers that stays. */
  double share() {
    return 1 - (double) leaving / size();
  }

  /** Mean number of parameters of as many layers as are removed. */
  double meanCost() {
    return leaving * Arrays.stream(costs).average().orElse(0);
  }

  /** f, from the factors of each axis, followed by those of the layers. */
  List<double[]> together(List<double[]> factors) {
    int last = factors.size() - 1;
    var f = new ArrayList<double[]>();
    factors.subList(0, size() == 0 ? last + 1 : last).forEach(m -> f.add(m.clone()));
    for (int l = 0; l < size(); l++) {
      double m = factors.get(last)[l];
      for (int i : axes.get(l)) {
        Arrays.setAll(f.get(i), g -> m * factors.get(i)[g]);
      }
    }
    return f;
  }

  /**
   * ∂loss/∂m of each axis's groups, followed by those of the layers.
   *
   * @param slopes ∂loss/∂f of each axis's groups
   * @param factors as {@link #together} takes them
   */
  List<double[]> apart(List<double[]> slopes, List<double[]> factors) {
    var gradients = new ArrayList<double[]>();
    slopes.forEach(slope -> gradients.add(slope.clone()));
    if (size() == 0) {
      return gradients;
    }
    var own = new double[size()];
    for (int l = 0; l < own.length; l++) {
      double m = factors.get(slopes.size())[l];
      for (int i : axes.get(l)) {
        for (int g = 0; g < slopes.get(i).length; g++) {
          own[l] += factors.get(i)[g] * slopes.get(i)[g];
          gradients.get(i)[g] = m * slopes.get(i)[g];
        }
      }
    }
    gradients.add(own);
    return gradients;
  }

  /** The layers with the lowest scores, as many as are removed; of equals the first. */
  int[] least(double[] scores) {
    return IntStream.range(0, size())
        .boxed()
        .sorted(Comparator.comparingDouble(l -> scores[l]))
        .limit(leaving)
        .mapToInt(Integer::intValue)
        .sorted()
        .toArray();
  }

  /** All groups of these layers. */
  Groups groups(int[] gone) {
    return Groups.union(Arrays.stream(gone).mapToObj(l -> groups(layers.get(l))).toList());
  }

  /** Number of parameters of these layers. */
  long cost(int[] gone) {
    return Arrays.stream(gone).mapToLong(l -> costs[l]).sum();
  }
}
