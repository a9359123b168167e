package io.lorashear.rank;

import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Locale;

/** Scores by their names in settings. */
public enum Score {
  GRADIENT((manager, pairs, curvature, seed) -> new GradientScore(curvature)),
  MAGNITUDE((manager, pairs, curvature, seed) -> new MagnitudeScore(pairs)),
  SVD((manager, pairs, curvature, seed) -> new SvdScore(pairs)),
  ADALORA((manager, pairs, curvature, seed) -> new SensitivityScore(manager, pairs)),
  LLM_PRUNER((manager, pairs, curvature, seed) -> new ProductScore(pairs)),
  RANDOM((manager, pairs, curvature, seed) -> new RandomScore(seed));

  private interface Maker {
    RankScore make(NDManager manager, List<Pair> pairs, Curvature curvature, long seed);
  }

  private final Maker maker;

  Score(Maker maker) {
    this.maker = maker;
  }

  /** A new score of these pairs, without history. */
  RankScore of(NDManager manager, List<Pair> pairs, Curvature curvature, long seed) {
    return maker.make(manager, pairs, curvature, seed);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
