package io.lorashear.prune;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.ProfileRun;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.Draw;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Publishes the knowledge profile of a dense model. */
public final class AnalyzeStage {
  private AnalyzeStage() {}

  /**
   * Runs or resumes the stage, or returns its published result.
   *
   * @param notice receives the expected cost of the profile before the work begins
   */
  public static PublishedDirectory run(
      AnalyzeSettings settings,
      boolean overwrite,
      Device device,
      Progress progress,
      Consumer<String> notice) {
    return ready(settings)
        .overwrite(overwrite)
        .run(output -> analyze(settings, output, device, output.measured(progress), notice));
  }

  /**
   * The stage, after checking all of its inputs; does not run it.
   *
   * @throws io.lorashear.InputException with all inputs that are missing or do not fit
   */
  public static Stage ready(AnalyzeSettings settings) {
    Refusals.together(
        () -> Checkpoint.open(settings.checkpoint()).close(),
        () -> SequenceReader.open(settings.corpus()));
    return Stage.of("analyze", settings.output(), settings, AnalyzeStage.class)
        .onDisk()
        .parent("checkpoint", ContentHash.of(settings.checkpoint()))
        .parent("corpus", ContentHash.of(settings.corpus()));
  }

  private static TorchModel load(Checkpoint checkpoint, Device device, Precision precision) {
    var tensors = List.of(checkpoint.tensors());
    return TorchModel.load(checkpoint.graph(), tensors, Placement.of(device, precision), Set.of());
  }

  private static void analyze(
      AnalyzeSettings settings,
      Stage.Output output,
      Device device,
      Progress progress,
      Consumer<String> notice) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint());
        var model = load(checkpoint, device, settings.precision().on(device))) {
      var profile = settings.profile();
      var sample =
          Draw.text(settings.corpus(), checkpoint)
              .uniform(Sequence.VALIDATION, profile.rows(), profile.seed());
      var space = PruningSpace.of(checkpoint.graph());
      var axes =
          AxisWeights.of(
              space,
              space.prunable(PruningSpace.structures(settings.experts())),
              List.of(),
              model::parameter);
      int longest = checkpoint.config().maximumPositions();
      var finished = output.scratch().resolve("axes");
      var run = new ProfileRun(model, longest, sample, profile, finished);
      notice.accept(
          "the profile scores %,d tokens: %d axes x %d ratios on %d rows, and the whole model once"
              .formatted(
                  run.cost(axes.size()), axes.size(), profile.ratios().size(), sample.size()));
      run.run(axes, progress).write(output.directory());
    }
  }
}
