package io.lorashear.recover;

import ai.djl.Device;
import io.lorashear.card.ModelCard;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.OutputType;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.TeacherReader;
import io.lorashear.export.AdapterExport;
import io.lorashear.export.StageCard;
import io.lorashear.recover.RecoverSettings.Kind;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.sparse.SparsityRecord;
import io.lorashear.train.Draw;
import io.lorashear.train.LearnSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Publishes one round of recovery: a checkpoint with its losses in {@code recovery.json}. */
public final class RecoverStage {
  /** File name of the report in the checkpoint's folder. */
  public static final String REPORT = "recovery.json";

  private static final String WRITTEN = "written";
  private static final String LEARNT = "learnt";
  private static final String LEARNING = "weightsLearnt";
  private static final String ZEROS_BEFORE = "zerosBefore";
  private static final String ZEROS_AFTER = "zerosAfter";
  private static final String UNRECORDED = "zerosUnrecorded";

  private RecoverStage() {}

  /** Runs or resumes the stage, or returns its published result. */
  public static PublishedDirectory run(
      RecoverSettings settings, boolean overwrite, Device device, Progress progress) {
    return ready(settings)
        .overwrite(overwrite)
        .run(output -> recover(settings, output, device, output.measured(progress)));
  }

  /**
   * The stage, after checking all of its inputs; does not run it.
   *
   * @throws io.lorashear.InputException with all inputs that are missing or do not fit
   */
  public static Stage ready(RecoverSettings settings) {
    var model = new AtomicLong();
    Refusals.together(
        () -> settings.distillation().requireUse(),
        () -> KeptZeros.of(settings),
        () -> model.set(bytes(settings)),
        () -> ModelCard.check(settings.checkpoint()),
        () -> SequenceReader.open(settings.corpus()),
        () -> settings.subset().ifPresent(SubsetManifest::read),
        () -> settings.distillation().teacher().ifPresent(TeacherReader::open),
        () -> settings.distillation().checkpoint().ifPresent(p -> Checkpoint.open(p).close()),
        () -> settings.lora().adapter().ifPresent(ContentHash::of));
    var stage =
        Stage.of("recover", settings.output(), settings, RecoverStage.class)
            .onDisk()
            .parent("checkpoint", ContentHash.of(settings.checkpoint()))
            .parent("corpus", ContentHash.of(settings.corpus()));
    settings.lora().adapter().ifPresent(path -> stage.parent("adapter", ContentHash.of(path)));
    settings.subset().ifPresent(path -> stage.parent("subset", ContentHash.of(path)));
    settings.distillation().teacher().ifPresent(p -> stage.parent("teacher", ContentHash.of(p)));
    settings
        .distillation()
        .checkpoint()
        .ifPresent(p -> stage.parent("teaching model", ContentHash.of(p)));
    return stage.room(model.get(), model.get());
  }

  /**
   * Bytes of the model's weights as written, and of what lies beside them until they are published:
   * the best state, and up to three saved states of what learns besides pairs, each with two
   * moments and maybe an average.
   */
  private static long bytes(RecoverSettings settings) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint())) {
      var graph = checkpoint.graph();
      long learning =
          settings.learn().of(graph).stream()
              .mapToLong(name -> graph.parameter(name).elements())
              .sum();
      int state = settings.average() > 0 ? 4 : 3;
      int arrays = 1 + (settings.train().saveEvery() > 0 ? 3 * state : 0);
      return settings.outputType().bytes(checkpoint.tensors()) + Float.BYTES * learning * arrays;
    }
  }

  private static void recover(
      RecoverSettings settings, Stage.Output output, Device device, Progress progress) {
    var kept = KeptZeros.of(settings);
    try (var checkpoint = Checkpoint.open(settings.checkpoint())) {
      var draw =
          settings.stage() == Kind.INSTRUCT
              ? Draw.responses(settings.corpus(), checkpoint)
              : Draw.text(settings.corpus(), checkpoint);
      var sequences =
          settings
              .subset()
              .map(SubsetManifest::read)
              .map(draw::subset)
              .orElseGet(() -> uniform(draw, settings));
      try (var teacher = Teacher.of(settings, draw, sequences, output.scratch(), device, progress);
          var round =
              new Round(
                  checkpoint.graph(),
                  checkpoint.tensors(),
                  checkpoint.config().maximumPositions(),
                  settings,
                  kept,
                  device)) {
        long zeros = round.zeros();
        var heldOut = draw.uniform(Sequence.VALIDATION, settings.validationRows(), settings.seed());
        var result = round.run(sequences, heldOut, teacher.learnt(), output.scratch(), progress);
        var weights = settings.outputType().of(round.tensors(), checkpoint.tensors());
        CheckpointWriter.write(
            output.directory(), checkpoint.config(), weights, checkpoint.companions());
        if (kept.isEmpty() && settings.learn().pairsAlone()) { // PEFT has no masked product
          round.writeAdapter(
              output.scratch(),
              output.directory().resolve(AdapterExport.FOLDER),
              "sha256:"
                  + ContentHash.of(settings.checkpoint())); // a path may change; the hash does not
        }
        var report = result.toJson();
        report.put(LEARNT, settings.learn().words()).put(LEARNING, round.learning());
        report.set("weights", weights.report());
        if (weights.rounded() > 0) {
          report.set(WRITTEN, written(round, result, output.directory(), heldOut).toJson());
        }
        report.put(ZEROS_BEFORE, zeros).put(ZEROS_AFTER, round.zeros());
        kept.ifPresent(record -> report.set(SparsityRecord.FIELD, record.json()));
        report.put(UNRECORDED, zeros > 0 && SparsityRecord.of(settings.checkpoint()).isEmpty());
        JsonFile.write(output.directory().resolve(REPORT), report);
        StageCard.write(
            "A recovered model",
            settings.checkpoint(),
            settings.corpus(),
            OutputType.sentence(weights, checkpoint),
            output);
      }
    }
  }

  /** Losses of the model as written, which differs from the best model by rounding. */
  private static Validation written(
      Round round, RoundResult result, Path directory, List<Sequence> heldOut) {
    try (var checkpoint = Checkpoint.open(directory)) {
      return round.written(checkpoint.tensors(), heldOut, result.best().step());
    }
  }

  private static List<Sequence> uniform(Draw draw, RecoverSettings settings) {
    return draw.uniform(Sequence.TRAIN, settings.sources(), settings.rows(), settings.seed());
  }

  /**
   * Validation losses that a published round reports: before the round, and of the model as
   * written.
   */
  public static List<Validation> losses(PublishedDirectory round) {
    var json = JsonFile.read(round.verified(REPORT));
    return List.of(
        Validation.fromJson(json.path("before")),
        Validation.fromJson(json.path(json.has(WRITTEN) ? WRITTEN : "best")));
  }

  /** A note on how rounding changed the held-out losses; empty if nothing was rounded. */
  public static Optional<String> rounded(PublishedDirectory round) {
    var json = JsonFile.read(round.verified(REPORT));
    return json.has(WRITTEN)
        ? Optional.of(
            ("%,d weights were rounded as they were written: the mean held-out loss is %.4f, and"
                    + " was %.4f before")
                .formatted(
                    json.path("weights").path("rounded").asLong(),
                    Validation.fromJson(json.path(WRITTEN)).mean(),
                    Validation.fromJson(json.path("best")).mean()))
        : Optional.empty();
  }

  /** A note on zeros in matrices of blocks that became nonzero by merging; empty if none did. */
  public static Optional<String> filled(PublishedDirectory round) {
    var json = JsonFile.read(round.verified(REPORT));
    long before = json.path(ZEROS_BEFORE).asLong();
    long after = json.path(ZEROS_AFTER).asLong();
    if (after >= before) {
      return Optional.empty();
    }
    var adapter = round.directory().resolve(AdapterExport.FOLDER);
    var unrecorded =
        json.path(UNRECORDED).asBoolean()
            ? ". No record of sparsify stands beside the checkpoint, by which they would have"
                + " stayed"
            : "";
    return Optional.of(
        Files.isDirectory(adapter)
            ? ("%,d weights in blocks were zero, and LoRA's products are not: merged into them they"
                    + " left %,d. The model in %s is no sparse one; the sparse checkpoint with the"
                    + " pairs in %s beside it says the same and keeps its zeros%s")
                .formatted(before, after, round.directory(), adapter, unrecorded)
            : "%,d weights in blocks were zero, and training left %,d. The model in %s is no sparse one%s"
                .formatted(before, after, round.directory(), unrecorded));
  }

  /** A note on what learnt, and what is missing for it; empty if LoRA pairs alone did. */
  public static Optional<String> learnt(PublishedDirectory round) {
    var json = JsonFile.read(round.verified(REPORT));
    var adapter = round.directory().resolve(AdapterExport.FOLDER);
    return json.path(LEARNT).asText().equals(LearnSettings.PAIRS.words())
        ? Optional.empty()
        : Optional.of(
            "What learnt: %s (%,d numbers). There is no adapter in %s, which could not say it"
                .formatted(json.path(LEARNT).asText(), json.path(LEARNING).asLong(), adapter));
  }

  /** A note on the average of the last steps; empty if there is none. */
  public static Optional<String> averaged(PublishedDirectory round) {
    var average = JsonFile.read(round.verified(REPORT)).path("average");
    var validations = JsonFile.read(round.verified(REPORT)).path("validations");
    return average.isMissingNode()
        ? Optional.empty()
        : Optional.of(
            ("The average of the last %,d steps has a mean held-out loss of %.4f, the last weights"
                    + " have %.4f: %s")
                .formatted(
                    average.path("steps").asLong(),
                    Validation.fromJson(average).mean(),
                    Validation.fromJson(validations.path(validations.size() - 1)).mean(),
                    average.path("kept").asBoolean()
                        ? "the average is kept"
                        : "the average is not kept"));
  }

  /** A note on zeros that were kept; empty if none had to be kept. */
  public static Optional<String> kept(PublishedDirectory round) {
    var json = JsonFile.read(round.verified(REPORT));
    return SparsityRecord.of(round.directory())
        .map(
            record ->
                "%,d weights in blocks were zero, and %,d are: the pairs were left out there (%s)"
                    .formatted(
                        json.path(ZEROS_BEFORE).asLong(),
                        json.path(ZEROS_AFTER).asLong(),
                        record.pattern()));
  }
}
