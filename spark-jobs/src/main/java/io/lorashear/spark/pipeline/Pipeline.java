package io.lorashear.spark.pipeline;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.LossReport;
import io.lorashear.evaluate.EvaluateStage;
import io.lorashear.evaluate.EvaluationSummary;
import io.lorashear.metrics.RunMetrics;
import io.lorashear.prune.PruneStage;
import io.lorashear.recover.Convergence;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverStage;
import io.lorashear.recover.Rounds;
import io.lorashear.recover.Validation;
import io.lorashear.report.Report;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.Progress;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.RunLock;
import io.lorashear.run.RunRecord;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.pipeline.PipelineSettings.Teacher;
import io.lorashear.spark.resample.ResampleSettings.By;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * Runs the pipeline (LoRAShear, algorithm 1).
 *
 * <pre>
 *   ingest → tokenize → analyze → prune
 *   losses of the dense and of the pruned model
 *   until the losses converge:  subset ← resample;  teacher's say on it;  model ← recover
 *   subset of the instructions;   teacher's say on it;  model ← recover on responses
 *   ceiling ← the dense model, recovered on the same subsets
 *   losses and accuracy of the dense, the pruned, the recovered model, the ceiling → report
 * </pre>
 *
 * The teacher is the dense model, or the ceiling, which then learns from each subset first.
 *
 * <p>A result that nothing reads is not made: teachers only if distillation has a weight, the
 * profile only if pruning follows it or {@code profile} is set, the ceiling only if {@code ceiling}
 * is. A stage already published from the same inputs, settings and code does not run again, so that
 * a killed pipeline resumes.
 */
public final class Pipeline {
  private static final String COMMAND = "run";

  private final PipelineFile file;
  private final PipelineSettings settings;
  private final WorkFolder work;
  private final Device device;
  private final StageSettings placed;
  private final RunMetrics metrics;
  private final Stages stages;
  private final Ceiling ceiling;
  private final List<Path> learnt = new ArrayList<>(); // subsets of the rounds, in order

  /**
   * Reads and checks all settings; does not run anything yet.
   *
   * @param overwrite whether results of other inputs, settings or code may be replaced
   * @param out receives a line for each finished stage
   * @throws io.lorashear.InputException if settings are wrong
   */
  public Pipeline(
      SparkSession spark,
      PipelineFile file,
      boolean overwrite,
      Device device,
      Progress progress,
      Consumer<String> out) {
    this.file = file;
    this.settings = file.load();
    this.work = new WorkFolder(settings.work());
    this.device = device;
    this.placed = StageSettings.of(settings);
    this.metrics = new RunMetrics(work.root(), COMMAND);
    var runs = new StageRuns(COMMAND, file.given(settings), metrics, out);
    this.stages = new Stages(spark, device, progress, overwrite, runs);
    this.ceiling = new Ceiling(settings, placed, stages);
  }

  /**
   * Runs the missing stages.
   *
   * @return the report for people: the published table, each model's speed in scoring text on this
   *     machine, and the path of the report page
   * @throws io.lorashear.InputException if another run works in the folder
   */
  @SuppressWarnings("try") // held, not used
  public String run() {
    check(settings);
    try (var alone = RunLock.require(work.root())) {
      return runLocked();
    }
  }

  /** The same without the check, for a caller that holds the folder's lock. */
  String runLocked() {
    return metrics.all(this::all);
  }

  private String all() {
    var dense = settings.model();
    var tokenizer = Checkpoint.tokenizerOf(dense);
    stages.stage("ingest", placed.ingest(tokenizer));
    stages.stage("tokenize", placed.tokenize(tokenizer));
    if (settings.analyzes()) {
      stages.stage("analyze", settings.analyze());
    } else {
      stages.unread("analyze");
    }
    stages.stage("prune", settings.prune());
    var pruned = work.pruned();
    losses("dense", dense);
    losses("pruned", pruned);
    var pretrained =
        Rounds.run(pruned, settings.rounds(), Convergence.USUAL, this::subset, this::recover);
    var recovered = instruct(pretrained);
    losses("recovered", recovered);
    var models = new LinkedHashMap<String, Path>();
    models.put("dense", dense);
    models.put("pruned", pruned);
    models.put("recovered", recovered);
    if (settings.ceiling()) {
      models.put("ceiling", ceiling());
      losses("ceiling", models.get("ceiling"));
    }
    models.forEach(this::evaluate);
    var table = report(models) + System.lineSeparator() + speeds(models);
    return table + System.lineSeparator() + "look at " + Report.write(work.root());
  }

  /**
   * Checks the inputs of late stages before the first stage, so that the pipeline does not fail
   * after hours because of them.
   *
   * @throws io.lorashear.InputException with everything that is missing
   */
  static void check(PipelineSettings settings) {
    Refusals.together(
        () -> checkRoom(settings),
        () -> PruneStage.check(settings.prune()),
        () -> EvaluateStage.checkQuestions(settings.evaluate()));
  }

  /** Checks the disk space for models that are not published yet. */
  private static void checkRoom(PipelineSettings settings) {
    long dense;
    try (var checkpoint = Checkpoint.open(settings.model())) {
      dense = settings.outputType().bytes(checkpoint.tensors());
    }
    long smaller = Math.round(dense * (1 - settings.prune().ratio()));
    var work = new WorkFolder(settings.work());
    var names = WorkFolder.recoveries(settings.rounds(), !settings.instructions().isEmpty());
    long bytes = missing(Stream.of(work.pruned())) * smaller;
    bytes += missing(names.stream().map(work::recovered)) * smaller;
    if (settings.ceiling()) {
      bytes += missing(names.stream().map(work::ceiling)) * dense;
    }
    DiskSpace.require(settings.work(), bytes, "the pipeline, for models alone,");
  }

  private static long missing(Stream<Path> models) {
    return models
        .filter(model -> !Files.isRegularFile(model.resolve(Publication.MANIFEST)))
        .count();
  }

  private Path losses(String name, Path checkpoint) {
    return losses(name, placed.losses(name, checkpoint));
  }

  private Path losses(String name, PerplexitySettings scored) {
    stages.stage("perplexity of " + name, scored);
    return scored.output();
  }

  private Optional<Path> subset(int round, Path checkpoint) {
    var name = scored(round);
    var dense = work.losses("dense");
    var lost = round == 0 ? work.losses(name) : losses(name, checkpoint);
    var before = work.losses(scored(round - 1));
    if (settings.resample().by() == By.BUCKET) {
      var texts = settings.texts();
      dense = losses("dense-train", placed.trainingLosses("dense", settings.model(), texts));
      lost = losses(name + "-train", placed.trainingLosses(name, checkpoint, texts));
      before = work.losses(scored(round - 1) + "-train");
    }
    var drawn = placed.subset(round, dense, lost, before);
    stages.stage("resample round " + round, drawn);
    return Optional.of(drawn.output());
  }

  /** Name of the model that a round begins with. */
  private static String scored(int round) {
    return round <= 0 ? "pruned" : "round-" + (round - 1);
  }

  private Rounds.Done recover(int round, Path checkpoint, Path subset) {
    learnt.add(subset);
    var untaught = placed.recover(round, checkpoint, subset);
    var learner = taught("round-" + round, untaught, Optional.empty());
    List<Validation> losses = RecoverStage.losses(stages.stage("recover round " + round, learner));
    return new Rounds.Done(learner.output(), losses.get(0).mean(), losses.get(1).mean());
  }

  /**
   * A stage of recovery with what it learns from in addition, which is made first: the dense
   * model's predictions of its subset, or the ceiling.
   *
   * @param instructions the subset, if it is of instructions
   */
  private RecoverSettings taught(
      String name, RecoverSettings learner, Optional<Path> instructions) {
    if (PipelineSettings.taught(learner) && settings.teacher() == Teacher.CEILING) {
      return placed.taught(learner, ceiling.of(learnt, instructions));
    }
    if (learner.distillation().reported()) {
      var subset = learner.subset().orElseThrow();
      stages.stage("teacher of " + name, placed.teacher(name, subset, learner));
    }
    return learner;
  }

  private Path instruct(Path checkpoint) {
    if (settings.instructions().isEmpty()) {
      return checkpoint;
    }
    var dense = work.losses("dense");
    Path lost;
    if (settings.instructSubset().by() == By.BUCKET) {
      dense = responseLosses("dense-instructions", settings.model());
      lost = responseLosses("pretrained-instructions", checkpoint);
    } else {
      lost = losses("pretrained", checkpoint);
    }
    var subset = placed.instructionSubset(dense, lost);
    stages.stage("resample instructions", subset);
    var untaught = placed.instruct(checkpoint, subset.output());
    var learner = taught("instruct", untaught, Optional.of(subset.output()));
    stages.stage("recover instructions", learner);
    return learner.output();
  }

  private Path ceiling() {
    var instructions =
        Optional.of(settings.instructSubset().output())
            .filter(s -> !settings.instructions().isEmpty());
    return ceiling.of(learnt, instructions);
  }

  private Path responseLosses(String name, Path checkpoint) {
    return losses(name + "-train", placed.responseLosses(name, checkpoint));
  }

  private void evaluate(String name, Path checkpoint) {
    stages.stage("evaluate " + name, placed.evaluate(name, checkpoint));
  }

  private String speeds(Map<String, Path> models) {
    var record = RunRecord.start(COMMAND, file.given(settings));
    var line = new StringBuilder("%-28s".formatted("tokens scored a second"));
    models.forEach(
        (name, model) -> {
          double speed = Throughput.of(model, device);
          record.measured("tokensPerSecond." + name, speed);
          line.append("%16s".formatted("%,.0f".formatted(speed)));
        });
    record.write(PublishedDirectory.open(work.report()));
    return line.toString();
  }

  private String report(Map<String, Path> models) {
    var rows = new ArrayList<PipelineReport.Model>();
    models.forEach(
        (name, model) ->
            rows.add(
                PipelineReport.Model.of(
                    name,
                    model,
                    LossReport.read(work.losses(name)),
                    EvaluationSummary.read(PublishedDirectory.open(work.evaluation(name))))));
    var report = new PipelineReport(rows);
    report.publish(work.report());
    return report.table();
  }
}
