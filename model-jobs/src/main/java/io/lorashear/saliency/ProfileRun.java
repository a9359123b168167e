package io.lorashear.saliency;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.Groups;
import io.lorashear.run.Progress;
import io.lorashear.score.Scorer;
import io.lorashear.score.SourceLosses;
import io.lorashear.torch.TorchModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Measures a {@link KnowledgeProfile} on a live model: the weakest groups of one axis (by the norm
 * of what is zeroed) are set to zero, the sample is scored, and the weights are restored bit for
 * bit. Every finished axis is saved to a file, so that a killed run can resume.
 */
public final class ProfileRun {
  private final TorchModel model;
  private final Scorer scorer;
  private final List<Sequence> sample;
  private final ProfileSettings settings;
  private final Path finished;

  /**
   * A run over {@code sample}.
   *
   * @param longest number of positions the model has
   * @param finished folder for the axes that are done; those of an earlier run are reused
   */
  public ProfileRun(
      TorchModel model,
      int longest,
      List<Sequence> sample,
      ProfileSettings settings,
      Path finished) {
    this.model = model;
    this.scorer = Scorer.over(model, longest);
    this.sample = List.copyOf(sample);
    this.settings = settings;
    this.finished = finished;
  }

  /** Tokens that will be scored for {@code axes} axes, the whole model's own score included. */
  public long cost(int axes) {
    long tokens = sample.stream().mapToLong(sequence -> sequence.inputIds().length).sum();
    return tokens * (1 + (long) axes * settings.ratios().size());
  }

  /** Measures every axis. */
  public KnowledgeProfile run(List<AxisWeights> axes, Progress progress) {
    double dense = kept("dense", List.of()).get(0);
    var impacts = new ArrayList<KnowledgeProfile.AxisImpact>();
    try (var work = progress.begin("analyze", axes.size(), "axes")) {
      for (var axis : axes) {
        var losses = kept(axis.name(), List.of(axis));
        var deviations = losses.stream().map(loss -> loss - dense).toList();
        impacts.add(new KnowledgeProfile.AxisImpact(axis.name(), deviations));
        work.step(1);
      }
    }
    return new KnowledgeProfile(settings.ratios(), dense, List.copyOf(impacts));
  }

  /** Losses from the file of that name; without it, measured now and written there. */
  private List<Double> kept(String name, List<AxisWeights> axis) {
    var file = finished.resolve(name + ".json");
    var losses = new ArrayList<Double>();
    if (Files.isRegularFile(file)) {
      JsonFile.read(file).path("losses").forEach(loss -> losses.add(loss.asDouble()));
      return losses;
    }
    if (axis.isEmpty()) {
      losses.add(loss());
    } else {
      settings.ratios().forEach(ratio -> losses.add(lossWithout(axis.get(0), ratio)));
    }
    var json = JsonFile.object();
    losses.forEach(json.putArray("losses")::add);
    JsonFile.replace(file, json);
    return losses;
  }

  private double loss() {
    return SourceLosses.mean(SourceLosses.of(scorer, sample));
  }

  private double lossWithout(AxisWeights axis, double ratio) {
    return Without.measured(model, axis, weakest(axis, ratio), this::loss);
  }

  /** The share of the axis with the smallest norms, at least one group. */
  private static Groups weakest(AxisWeights axis, double ratio) {
    var norms = Score.MAGNITUDE.of(GroupSums.of(axis, SliceWeights::zeroed));
    return Groups.of(
        axis.name(),
        IntStream.range(0, axis.size())
            .boxed()
            .sorted((a, b) -> Double.compare(norms[a], norms[b]))
            .limit(Math.max(1, Math.round(ratio * axis.size())))
            .mapToInt(Integer::intValue)
            .toArray());
  }
}
