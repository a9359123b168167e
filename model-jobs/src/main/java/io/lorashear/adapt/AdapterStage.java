package io.lorashear.adapt;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.recover.RecoverSettings.Kind;
import io.lorashear.recover.Validation;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.settings.Storage;
import io.lorashear.sparse.SparsityRecord;
import io.lorashear.train.Draw;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * One published adapter.
 *
 * <pre>
 *   adapter_config.json, adapter_model.safetensors    as PEFT writes them
 *   training.json                                     its losses
 *   merged/                                           W + s·BA, if asked for
 * </pre>
 */
public final class AdapterStage {
  /** The report beside the adapter. */
  public static final String REPORT = "training.json";

  /** The folder of the model with the adapter folded in. */
  public static final String MERGED = "merged";

  private static final Pattern HUB = Pattern.compile("[\\w.-]+/[\\w.-]+");

  private AdapterStage() {}

  /** Runs, resumes, or finds the result. */
  public static PublishedDirectory run(
      AdapterSettings settings, boolean overwrite, Device device, Progress progress) {
    return ready(settings)
        .overwrite(overwrite)
        .run(output -> train(settings, output, device, output.measured(progress)));
  }

  /**
   * The stage after a check of everything that it reads; nothing runs.
   *
   * @throws InputException with everything that is missing or does not fit
   */
  public static Stage ready(AdapterSettings settings) {
    var model = new AtomicLong();
    Refusals.together(
        () -> base(settings),
        () -> model.set(bytes(settings)),
        () -> SequenceReader.open(settings.corpus()),
        () -> settings.subset().ifPresent(SubsetManifest::read),
        () -> settings.lora().adapter().ifPresent(ContentHash::of),
        () -> mergeable(settings));
    var stage =
        Stage.of("lora", settings.output(), settings, AdapterStage.class)
            .onDisk()
            .parent("checkpoint", ContentHash.of(settings.checkpoint()))
            .parent("corpus", ContentHash.of(settings.corpus()));
    settings.lora().adapter().ifPresent(path -> stage.parent("adapter", ContentHash.of(path)));
    settings.subset().ifPresent(path -> stage.parent("subset", ContentHash.of(path)));
    return settings.merge() ? stage.room(model.get(), model.get()) : stage;
  }

  private static void mergeable(AdapterSettings settings) {
    if (settings.merge()) {
      SparsityRecord.refuse(
          settings.checkpoint(),
          "merge would fill with what the adapter learns. Leave merge out, or use recover, which"
              + " keeps them");
    }
  }

  /** Of the merged model as it is written. */
  private static long bytes(AdapterSettings settings) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint())) {
      return settings.outputType().bytes(checkpoint.tensors());
    }
  }

  /** What PEFT is to load the adapter's model by. */
  private static String base(AdapterSettings settings) {
    if (settings.base().isEmpty() && !Storage.isLocal(settings.checkpoint())) {
      throw new InputException(
          "%s is in a store, which PEFT does not find a model by: give base, a folder of the same"
              + " model or its name on Hugging Face (owner/name)",
          settings.checkpoint());
    }
    var given = settings.base().orElse(settings.checkpoint().toString());
    var folder = Path.of(given).toAbsolutePath().normalize();
    if (Files.isDirectory(folder)) {
      return folder.toString();
    }
    if (settings.base().isEmpty() && Files.exists(folder)) {
      throw new InputException(
          "%s is a file, which PEFT does not find a model by: give base, the folder of the same"
              + " model or its name on Hugging Face (owner/name)",
          settings.checkpoint());
    }
    if (settings.base().isPresent() && !HUB.matcher(given).matches()) {
      throw new InputException(
          "base is %s, neither a folder nor a name on Hugging Face (owner/name): give the model"
              + " the adapter belongs to",
          given);
    }
    return given;
  }

  private static void train(
      AdapterSettings settings, Stage.Output output, Device device, Progress progress) {
    try (var checkpoint = Checkpoint.open(settings.checkpoint())) {
      var draw =
          settings.stage() == Kind.INSTRUCT
              ? Draw.responses(settings.corpus(), checkpoint)
              : Draw.text(settings.corpus(), checkpoint);
      var heldOut = draw.uniform(Sequence.VALIDATION, settings.validationRows(), settings.seed());
      var rows = rows(settings, draw);
      try (var training =
          new AdapterTraining(
              checkpoint.graph(),
              checkpoint.tensors(),
              checkpoint.config().maximumPositions(),
              settings,
              settings.train().tokens(rows),
              device)) {
        var result = training.run(rows, heldOut, output.scratch(), progress);
        training.writeAdapter(output.directory(), base(settings));
        var report = result.toJson();
        if (settings.merge()) {
          var merged = output.directory().resolve(MERGED);
          var weights = settings.outputType().of(training.merged(), checkpoint.tensors());
          CheckpointWriter.write(merged, checkpoint.config(), weights, checkpoint.companions());
          report.set("weights", weights.report());
          if (weights.rounded() > 0) {
            try (var written = Checkpoint.open(merged)) {
              var losses = training.written(written.tensors(), heldOut, result.best().step());
              report.set(MERGED, losses.toJson());
            }
          }
        }
        JsonFile.write(output.directory().resolve(REPORT), report);
      }
    }
  }

  /** A word on what rounding made of the merged model; empty where nothing was rounded. */
  public static Optional<String> rounded(PublishedDirectory published) {
    var json = JsonFile.read(published.file(REPORT));
    return json.has(MERGED)
        ? Optional.of(
            ("%,d weights of the merged model were rounded as they were written: its mean held-out"
                    + " loss is %.4f, and that of the model with the adapter %.4f")
                .formatted(
                    json.path("weights").path("rounded").asLong(),
                    Validation.fromJson(json.path(MERGED)).mean(),
                    Validation.fromJson(json.path("best")).mean()))
        : Optional.empty();
  }

  private static List<Sequence> rows(AdapterSettings settings, Draw draw) {
    int most = settings.rows() == 0 ? Integer.MAX_VALUE : settings.rows();
    return settings
        .subset()
        .map(SubsetManifest::read)
        .map(draw::subset)
        .orElseGet(() -> draw.uniform(Sequence.TRAIN, most, settings.seed()));
  }
}
