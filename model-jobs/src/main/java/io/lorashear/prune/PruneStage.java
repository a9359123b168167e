package io.lorashear.prune;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.allocate.WidthAllocation;
import io.lorashear.card.ModelCard;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.OutputType;
import io.lorashear.compress.Compressor;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.export.StageCard;
import io.lorashear.family.Family;
import io.lorashear.method.PruneSettings;
import io.lorashear.method.PruningMethod;
import io.lorashear.method.Rebuilding;
import io.lorashear.policy.Limits;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.saliency.KnowledgeProfile;
import io.lorashear.sparse.SparsityRecord;
import java.util.concurrent.atomic.AtomicLong;

/** Publishes a pruned checkpoint, with a report of what was pruned in {@code pruning.json}. */
public final class PruneStage {
  /** File name of the report in the checkpoint's folder. */
  public static final String REPORT = "pruning.json";

  /** Field of the report for the tokens that were removed, if some were. */
  public static final String VOCABULARY = "vocabulary";

  private PruneStage() {}

  /** Runs or resumes the stage, or returns its published result. */
  public static PublishedDirectory run(
      PruneSettings settings, boolean overwrite, Device device, Progress progress) {
    return ready(settings)
        .overwrite(overwrite)
        .run(output -> prune(settings, output, device, output.measured(progress)));
  }

  /**
   * The stage, after checking all of its inputs; does not run it.
   *
   * @throws InputException with all inputs that are missing or do not fit
   */
  public static Stage ready(PruneSettings settings) {
    var model = new AtomicLong();
    Refusals.together(
        () -> model.set(bytes(settings)),
        () -> ModelCard.check(settings.checkpoint()),
        () -> SequenceReader.open(settings.corpus()),
        () -> settings.profile().ifPresent(KnowledgeProfile::read),
        () -> settings.lora().adapter().ifPresent(ContentHash::of),
        () ->
            SparsityRecord.refuse(
                settings.checkpoint(),
                "pruning would neither keep nor record. Prune the dense model, then sparsify the"
                    + " smaller one"));
    var stage =
        Stage.of("prune", settings.output(), settings, PruneStage.class)
            .onDisk()
            .parent("checkpoint", ContentHash.of(settings.checkpoint()))
            .parent("corpus", ContentHash.of(settings.corpus()));
    settings.lora().adapter().ifPresent(path -> stage.parent("adapter", ContentHash.of(path)));
    settings.profile().ifPresent(path -> stage.parent("profile", ContentHash.of(path)));
    return stage.room(Math.round(model.get() * (1 - settings.ratio())), model.get());
  }

  /**
   * Checks everything that can be checked without a corpus or a profile.
   *
   * @throws InputException with all settings that the model cannot satisfy
   */
  public static void check(PruneSettings settings) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint())) {
      var least = Body.least(settings, checkpoint);
      Limits.check(least, checkpoint.config(), PruningSpace.of(checkpoint.graph()));
      Rebuilding.check(settings, checkpoint.graph());
    }
  }

  /**
   * Bytes of the dense model's weights as written, after checking that the model can satisfy the
   * settings.
   */
  private static long bytes(PruneSettings settings) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint())) {
      Body.limits(Body.least(settings, checkpoint), checkpoint.config(), checkpoint.graph());
      Rebuilding.check(settings, checkpoint.graph());
      return settings.outputType().bytes(checkpoint.tensors());
    }
  }

  private static void prune(
      PruneSettings settings, Stage.Output output, Device device, Progress progress) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint())) {
      var body = Body.of(settings, checkpoint, output.scratch());
      var task = body.task(device, output.scratch(), progress);
      try (var outcome = body.prune(task)) {
        var plan = outcome.plan();
        var small = Compressor.compress(outcome.graph(), outcome.tensors(), plan);
        var config = Family.of(outcome.config()).resized(outcome.config(), small.graph());
        var report = report(checkpoint, body, outcome, plan);
        try (var rebuilt = Rebuilding.of(task, outcome, small)) {
          var weights =
              settings.outputType().of(rebuilt.tensors(), checkpoint.tensors(), small::origin);
          CheckpointWriter.write(output.directory(), config, weights, body.companions());
          rebuilt.addTo(report);
          report.set("weights", weights.report());
          JsonFile.write(output.directory().resolve(REPORT), report);
          outcome
              .allocation()
              .ifPresent(
                  widths ->
                      JsonFile.write(
                          output.directory().resolve(WidthAllocation.FILE), widths.toJson()));
          StageCard.write(
              "A pruned model",
              settings.checkpoint(),
              settings.corpus(),
              OutputType.sentence(weights, checkpoint),
              output);
        }
      }
    }
  }

  private static ObjectNode report(
      Checkpoint checkpoint, Body body, PruningMethod.Outcome outcome, WidthPlan plan) {
    var graph = outcome.graph();
    var json = JsonFile.object();
    json.put("parametersBefore", checkpoint.graph().parameterCount());
    json.put("parametersAfter", plan.parameters(graph));
    json.put("groupsRemoved", plan.groups());
    var widths = json.putObject("widths");
    plan.sizes(graph).forEach(widths::put);
    body.limits().protectedAxes().stream().sorted().forEach(json.putArray("protected")::add);
    body.vocabulary().ifPresent(gone -> json.set(VOCABULARY, gone));
    json.set("run", outcome.report());
    json.set("removed", plan.toJson());
    return json;
  }
}
