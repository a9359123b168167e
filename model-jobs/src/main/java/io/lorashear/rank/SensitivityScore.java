package io.lorashear.rank;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.lorashear.torch.kernel.RankKernels;
import io.lorashear.torch.kernel.RankKernels.Side;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * AdaLoRA's score (arXiv 2303.10512, equations 8 to 11) without its singular values, which a plain
 * pair does not have.
 *
 * <pre>
 *   I(w) = |w·g|
 *   Ī ← β₁Ī + (1 − β₁)·I           U ← β₂U + (1 − β₂)·|I − Ī|           every step, every element
 *   S_j = mean of Ī·U over row j of A + mean of Ī·U over column j of B
 * </pre>
 */
final class SensitivityScore implements RankScore {
  private static final double BETA = 0.85; // β₁ and β₂, as the authors chose them

  private record Smoothed(NDArray mean, NDArray deviation) {
    static Smoothed of(NDManager manager, NDArray factor) {
      return new Smoothed(
          manager.zeros(factor.getShape(), DataType.FLOAT32),
          manager.zeros(factor.getShape(), DataType.FLOAT32));
    }

    void observe(NDArray w, NDArray g) {
      RankKernels.sensitivity(w, g, mean, deviation, BETA, BETA);
    }

    double[] score(Side side) {
      return RankKernels.certainty(mean, deviation, side);
    }
  }

  private final List<Pair> pairs;
  private final List<Smoothed> ofA = new ArrayList<>();
  private final List<Smoothed> ofB = new ArrayList<>();

  SensitivityScore(NDManager manager, List<Pair> pairs) {
    this.pairs = pairs;
    for (var pair : pairs) {
      ofA.add(Smoothed.of(manager, pair.a()));
      ofB.add(Smoothed.of(manager, pair.b()));
    }
  }

  @Override
  public void observe() {
    for (int i = 0; i < pairs.size(); i++) {
      var pair = pairs.get(i);
      try (var scope = pair.a().getManager().newSubManager()) {
        ofA.get(i).observe(pair.a(), pair.gradientOfA(scope));
        ofB.get(i).observe(pair.b(), pair.gradientOfB(scope));
      }
    }
  }

  @Override
  public double[] of(int pair, int[] kept) {
    var a = ofA.get(pair).score(Side.A); // (r)
    var b = ofB.get(pair).score(Side.B); // (r)
    return Arrays.stream(kept).mapToDouble(j -> a[j] + b[j]).toArray();
  }

  @Override
  public Map<String, NDArray> arrays() {
    var arrays = new LinkedHashMap<String, NDArray>();
    for (int i = 0; i < pairs.size(); i++) {
      var binding = pairs.get(i).binding();
      put(arrays, binding.a(), ofA.get(i));
      put(arrays, binding.b(), ofB.get(i));
    }
    return arrays;
  }

  private static void put(Map<String, NDArray> arrays, String factor, Smoothed smoothed) {
    arrays.put("rank.sensitivity." + factor, smoothed.mean());
    arrays.put("rank.uncertainty." + factor, smoothed.deviation());
  }
}
