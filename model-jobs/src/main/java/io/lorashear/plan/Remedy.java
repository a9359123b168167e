package io.lorashear.plan;

import io.lorashear.method.PruneSettings;
import io.lorashear.saliency.SaliencySettings;
import io.lorashear.settings.Key;
import io.lorashear.settings.Settings;
import io.lorashear.torch.Originals;
import io.lorashear.torch.PrecisionChoice;
import io.lorashear.train.TrainSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Settings that need less memory for the same result; bfloat16, which rounds, is the last resort.
 *
 * @param settings as they would be given to {@code --set}
 */
record Remedy(List<String> settings, Work work) {
  private static final Key<TrainSettings> TRAIN = Key.of(PruneSettings::train);
  private static final Key<SaliencySettings> SALIENCY = Key.of(PruneSettings::saliency);

  /** The first change that makes {@code work} fit into {@code bytes}, the cheapest tried first. */
  static Optional<Remedy> of(Work work, long bytes) {
    return candidates(work).stream()
        .filter(remedy -> Math.round(MemoryPlan.of(remedy.work()).peak()) <= bytes)
        .findFirst();
  }

  private static List<Remedy> candidates(Work work) {
    var candidates = new ArrayList<Remedy>();
    if (!work.learning().trains()) {
      return candidates;
    }
    var train = work.learning().train();
    if (work.learning().update() == Learning.Update.MEASURED) {
      for (var base : placed(List.of(new Remedy(List.of(), work)))) {
        candidates.add(base.changed(train.recompute(), 1));
      }
      return candidates;
    }
    var bases = new ArrayList<>(List.of(new Remedy(List.of(), work)));
    if (work.pruning().gradientScores()) {
      bases.add(
          new Remedy(
              List.of(
                  SALIENCY.then(SaliencySettings::gradient).text() + "=0",
                  SALIENCY.then(SaliencySettings::fisher).text() + "=0"),
              work.with(work.pruning().withoutGradientScores())));
    }
    for (var base : List.copyOf(bases)) {
      if (!work.precision().narrow()) {
        bases.add(base.narrow());
      }
    }
    for (var base : placed(bases)) {
      for (boolean recompute : new boolean[] {train.recompute(), true}) {
        for (int rows : new int[] {train.rows(), 1}) {
          candidates.add(base.changed(recompute, rows));
        }
      }
    }
    return candidates;
  }

  /** Each, and after it the same with its float32 weights on the host, if they were not. */
  private static List<Remedy> placed(List<Remedy> bases) {
    var placed = new ArrayList<Remedy>();
    for (var base : bases) {
      placed.add(base);
      var train = base.work().learning().train().with(TrainSettings::originals);
      var host = base.work().with(train.as(Originals.HOST));
      if (host.apart() && !base.work().apart()) {
        var settings = new ArrayList<>(base.settings());
        settings.add(
            TRAIN.then(TrainSettings::originals).text() + "=" + Settings.word(Originals.HOST));
        placed.add(new Remedy(settings, host));
      }
    }
    return placed;
  }

  private Remedy narrow() {
    var train = work.learning().train();
    var names = new ArrayList<>(settings);
    names.add(
        TRAIN.then(TrainSettings::precision).text()
            + "="
            + Settings.word(PrecisionChoice.BFLOAT16));
    return new Remedy(
        names, work.with(train.with(TrainSettings::precision).as(PrecisionChoice.BFLOAT16)));
  }

  private Remedy changed(boolean recompute, int rows) {
    var train = work.learning().train();
    int accumulate = train.accumulate() * (train.rows() / rows);
    var names = new ArrayList<>(settings);
    if (rows != train.rows()) {
      names.add(TRAIN.then(TrainSettings::rows).text() + "=" + rows);
      if (work.learning().updates()) {
        names.add(TRAIN.then(TrainSettings::accumulate).text() + "=" + accumulate);
      }
    }
    if (recompute != train.recompute()) {
      names.add(TRAIN.then(TrainSettings::recompute).text() + "=true");
    }
    var other =
        train
            .with(TrainSettings::rows)
            .as(rows)
            .with(TrainSettings::accumulate)
            .as(accumulate)
            .with(TrainSettings::recompute)
            .as(recompute);
    return new Remedy(names, work.with(other));
  }
}
