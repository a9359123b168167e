package io.lorashear.cli;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.device.Place;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.evaluate.EvaluateStage;
import io.lorashear.evaluate.EvaluationSummary;
import io.lorashear.evaluate.Protocol;
import io.lorashear.evaluate.RequestFile;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.RunRecord;
import io.lorashear.score.Scorer;
import io.lorashear.settings.Default;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.torch.PrecisionChoice;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code lorashear evaluate}: multiple choice, perplexity of texts, or the likelihoods of stored
 * requests.
 */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description =
        "Asks a model, dense or pruned, multiple-choice questions, and prints acc and"
            + " acc_norm with standard errors, and perplexities of texts, by lm-evaluation-harness'"
            + " prompts and rules.",
    footer = {
      "",
      "Examples:",
      "  lorashear evaluate --config conf/evaluate/seven-tasks.yaml --set"
          + " checkpoint=models/smollm2",
      "  lorashear evaluate --checkpoint models/smollm2 --tasks boolq,piqa --limit 100 --out"
          + " runs/e",
      "  lorashear evaluate --checkpoint models/smollm2 --requests log.jsonl > answers.jsonl"
    })
public class EvaluateCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin DeviceOption device = new DeviceOption();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings, YAML; without a file, all have their defaults.")
  @Nullable Path config;

  @Mixin SetOption set = new SetOption();

  @ArgGroup(exclusive = false, heading = "Short for --set:%n")
  Shortcuts shortcuts = new Shortcuts();

  @Option(
      names = "--requests",
      paramLabel = "FILE",
      description =
          "Answers stored requests instead (JSON lines with context and continuation), in their"
              + " order, on standard output.")
  @Nullable Path requests;

  @Option(names = "--overwrite", description = "Replaces a result of other inputs or settings.")
  boolean overwrite;

  @Option(
      names = "--dry-run",
      description = "Checks the settings; prints what would be read and written, and how much.")
  boolean dryRun;

  /** Options for settings that usually change between calls. */
  static final class Shortcuts {
    @Option(
        names = "--checkpoint",
        paramLabel = "PATH",
        description = "Hugging Face directory or GGUF file.")
    @Nullable String checkpoint;

    @Option(names = "--out", paramLabel = "DIR", description = "Folder for the result.")
    @Nullable String out;

    @Option(
        names = "--benchmarks",
        paramLabel = "DIR",
        description = "Folder with the tasks' published files.")
    @Nullable String benchmarks;

    @Option(
        names = "--tasks",
        paramLabel = "NAMES",
        description =
            "boolq, piqa, hellaswag, winogrande, arc_easy, arc_challenge, openbookqa, or files that"
                + " describe further tasks, as in conf/tasks.")
    @Nullable String tasks;

    @Option(
        names = "--shots",
        paramLabel = "K",
        description = "Solved examples before each question, 0 by default.")
    @Nullable Integer shots;

    @Option(
        names = "--limit",
        paramLabel = "N",
        description = "Only the first N questions of each task.")
    @Nullable Integer limit;

    @Option(
        names = "--precision",
        paramLabel = "auto|float32|tf32|bfloat16",
        description = "Number type of the model; auto is bfloat16 on a GPU, float32 on a CPU.")
    @Nullable String precision;

    Overrides overrides() {
      return path("--checkpoint", "checkpoint", checkpoint)
          .and(path("--out", "output", out))
          .and(path("--benchmarks", "benchmarks", benchmarks))
          .and(by("--tasks", tasks, "tasks=[" + tasks + "]"))
          .and(by("--shots", shots, "fewShot.count=" + shots))
          .and(by("--limit", limit, "limit=" + limit))
          .and(by("--precision", precision, "precision=" + precision));
    }

    private static Overrides path(String option, String key, @Nullable String value) {
      return value == null ? Overrides.none() : by(option, value, Overrides.quoted(key, value));
    }

    private static Overrides by(String option, @Nullable Object value, String setting) {
      return value == null
          ? Overrides.none()
          : Overrides.by(option + " " + value, List.of(setting));
    }
  }

  @Override
  public Integer call() {
    var overrides = set.overrides().and(shortcuts.overrides());
    if (requests != null) {
      return answer(requests, overrides);
    }
    var settings = settings(EvaluateSettings.class, overrides);
    if (dryRun) {
      var stage = EvaluateStage.ready(settings).overwrite(overwrite);
      spec.commandLine().getOut().println(DryRun.of(stage, settings));
      return 0;
    }
    var record = RunRecord.start("evaluate", settings);
    var published = publish(settings, overwrite);
    record.write(published);
    var out = spec.commandLine().getOut();
    out.print(EvaluationSummary.table(published));
    out.printf(
        "%nIn %s: results.json, and each question in samples_TASK.jsonl%n", settings.output());
    out.flush();
    return 0;
  }

  /** Runs the evaluation, or returns its published result. */
  protected PublishedDirectory publish(EvaluateSettings settings, boolean replace) {
    return EvaluateStage.run(settings, device.device(), replace, Progress.console());
  }

  /** Where the model runs. */
  protected final Place where() {
    return device.place();
  }

  /**
   * Settings for scoring stored requests.
   *
   * @param checkpoint a Hugging Face directory or a GGUF file
   * @param protocol where the continuation's tokens begin
   * @param precision number type of the model
   */
  record RequestSettings(
      Path checkpoint,
      @Default("joint") Protocol protocol,
      @Default("auto") PrecisionChoice precision) {}

  private int answer(Path file, Overrides overrides) {
    var settings = settings(RequestSettings.class, overrides);
    PrintWriter out = spec.commandLine().getOut();
    var place = device.device();
    try (var checkpoint = Checkpoint.open(settings.checkpoint());
        var tokenizer =
            Tokenizer.open(checkpoint.tokenizer(), checkpoint.config().vocabularySize());
        var scorer = Scorer.open(checkpoint, place, settings.precision().on(place))) {
      int broken =
          new RequestFile(tokenizer, settings.protocol(), scorer)
              .answer(file, out, Progress.console());
      if (broken > 0) {
        spec.commandLine()
            .getErr()
            .printf("%d lines of %s are no requests: they have an error instead%n", broken, file);
      }
    }
    return 0;
  }

  private <T extends Record> T settings(Class<T> type, Overrides overrides) {
    return config == null
        ? Settings.defaults(type, overrides)
        : Settings.load(type, config, overrides);
  }
}
