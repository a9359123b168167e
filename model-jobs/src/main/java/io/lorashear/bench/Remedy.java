package io.lorashear.bench;

import io.lorashear.train.TrainSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Settings that need less memory for the same result.
 *
 * @param settings as they would be given to {@code --set}
 */
public record Remedy(List<String> settings, Work work) {

  /** The first change that makes {@code work} fit into {@code bytes}, the cheapest tried first. */
  public static Optional<Remedy> of(Work work, long bytes) {
    return candidates(work).stream()
        .filter(remedy -> Math.round(MemoryPlan.of(remedy.work()).peak()) <= bytes)
        .findFirst();
  }

  private static List<Remedy> candidates(Work work) {
    var candidates = new ArrayList<Remedy>();
    if (!work.trains()) {
      return candidates;
    }
    var train = work.train();
    if (!work.updates()) {
      candidates.add(changed(new Remedy(List.of(), work), train, train.recompute(), 1));
      return candidates;
    }
    var bases = new ArrayList<>(List.of(new Remedy(List.of(), work)));
    if (work.gradientScores()) {
      bases.add(new Remedy(List.of("saliency.gradient=0"), work.withoutGradientScores()));
    }
    for (var base : bases) {
      for (boolean recompute : new boolean[] {train.recompute(), true}) {
        for (int rows : new int[] {train.rows(), 1}) {
          candidates.add(changed(base, train, recompute, rows));
        }
      }
    }
    return candidates;
  }

  private static Remedy changed(Remedy base, TrainSettings train, boolean recompute, int rows) {
    var settings = new ArrayList<>(base.settings());
    int accumulate = train.accumulate() * (train.rows() / rows);
    if (rows != train.rows()) {
      settings.add("train.rows=" + rows);
      if (base.work().updates()) {
        settings.add("train.accumulate=" + accumulate);
      }
    }
    if (recompute != train.recompute()) {
      settings.add("train.recompute=true");
    }
    var other =
        new TrainSettings(
            train.learningRate(),
            train.schedule(),
            train.warmup(),
            train.clip(),
            rows,
            accumulate,
            train.saveEvery(),
            recompute,
            train.isolateDocuments());
    return new Remedy(settings, base.work().with(other));
  }
}
