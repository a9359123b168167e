package io.lorashear.plan;

import io.lorashear.torch.compile.Precision;
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

  /** The first change that makes {@code work} fit into {@code bytes}, the cheapest tried first. */
  static Optional<Remedy> of(Work work, long bytes) {
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
    if (work.update() == Work.Update.MEASURED) {
      candidates.add(new Remedy(List.of(), work).changed(train.recompute(), 1));
      return candidates;
    }
    var bases = new ArrayList<>(List.of(new Remedy(List.of(), work)));
    if (work.gradientScores()) {
      bases.add(
          new Remedy(
              List.of("saliency.gradient=0", "saliency.fisher=0"), work.withoutGradientScores()));
    }
    for (var base : List.copyOf(bases)) {
      if (train.precision() == Precision.FLOAT32) {
        bases.add(base.narrow());
      }
    }
    for (var base : bases) {
      for (boolean recompute : new boolean[] {train.recompute(), true}) {
        for (int rows : new int[] {train.rows(), 1}) {
          candidates.add(base.changed(recompute, rows));
        }
      }
    }
    return candidates;
  }

  private Remedy narrow() {
    var train = work.train();
    return with(
        "train.precision=bfloat16",
        settings(train, train.rows(), train.accumulate(), train.recompute(), Precision.BFLOAT16));
  }

  private Remedy changed(boolean recompute, int rows) {
    var train = work.train();
    int accumulate = train.accumulate() * (train.rows() / rows);
    var names = new ArrayList<>(settings);
    if (rows != train.rows()) {
      names.add("train.rows=" + rows);
      if (work.updates()) {
        names.add("train.accumulate=" + accumulate);
      }
    }
    if (recompute != train.recompute()) {
      names.add("train.recompute=true");
    }
    var other = settings(train, rows, accumulate, recompute, train.precision());
    return new Remedy(names, work.with(other));
  }

  private Remedy with(String setting, TrainSettings train) {
    var names = new ArrayList<>(settings);
    names.add(setting);
    return new Remedy(names, work.with(train));
  }

  private static TrainSettings settings(
      TrainSettings train, int rows, int accumulate, boolean recompute, Precision precision) {
    return new TrainSettings(
        train.learningRate(),
        train.schedule(),
        train.from(),
        train.to(),
        train.warmup(),
        train.clip(),
        rows,
        accumulate,
        train.saveEvery(),
        recompute,
        train.isolateDocuments(),
        precision);
  }
}
