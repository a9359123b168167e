package io.lorashear.spark.pipeline;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.LossReport;
import io.lorashear.evaluate.EvaluateStage;
import io.lorashear.evaluate.EvaluationSummary;
import io.lorashear.prune.AnalyzeStage;
import io.lorashear.prune.PruneStage;
import io.lorashear.recover.Convergence;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.recover.RecoverSettings.Kind;
import io.lorashear.recover.RecoverStage;
import io.lorashear.recover.Rounds;
import io.lorashear.recover.Validation;
import io.lorashear.report.Report;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.Progress;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.RunRecord;
import io.lorashear.spark.ingest.Ingest;
import io.lorashear.spark.perplexity.Perplexity;
import io.lorashear.spark.resample.Resample;
import io.lorashear.spark.resample.ResampleSettings;
import io.lorashear.spark.tokenize.Tokenize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/**
 * Walks the line (LoRAShear, algorithm 1).
 *
 * <pre>
 *   ingest → tokenize → analyze → prune
 *   losses of the dense and of the pruned model
 *   until the deviation is flat:  subset ← resample;  teacher ← dense on it;  model ← recover
 *   subset of the instructions;   teacher ← dense on it;  model ← recover on responses
 *   losses and accuracy of the dense, the pruned, the recovered model → report
 * </pre>
 *
 * Teachers only where recovery gives them a weight. A stage that is published already, from the
 * same inputs, settings and code, is not run again: a killed line resumes.
 */
public final class Pipeline {
  private static final String COMMAND = "run";
  private static final List<String> NAMES = List.of("dense", "pruned", "recovered");

  private final SparkSession spark;
  private final PipelineFile file;
  private final PipelineSettings settings;
  private final WorkFolder work;
  private final boolean overwrite;
  private final Device device;
  private final Progress progress;
  private final Consumer<String> out;
  private final StageRuns stages;

  /**
   * Reads and checks all settings; nothing runs yet.
   *
   * @param overwrite whether results of other inputs, settings or code may be replaced
   * @param out receives a line for each finished stage
   * @throws io.lorashear.InputException where settings are wrong
   */
  public Pipeline(
      SparkSession spark,
      PipelineFile file,
      boolean overwrite,
      Device device,
      Progress progress,
      Consumer<String> out) {
    this.spark = spark;
    this.file = file;
    this.settings = file.load();
    this.work = new WorkFolder(settings.work());
    this.overwrite = overwrite;
    this.device = device;
    this.progress = progress;
    this.out = out;
    this.stages = new StageRuns(COMMAND, file.given(settings), out);
  }

  /**
   * Does what is not done yet.
   *
   * @return the report for people: the published table, how fast each model scores text here, and
   *     where to look
   */
  public String run() {
    var dense = settings.model();
    check(settings);
    prepare();
    stage("analyze", () -> AnalyzeStage.run(settings.analyze(), overwrite, device, progress, out));
    stage("prune", () -> PruneStage.run(settings.prune(), overwrite, device, progress));
    var pruned = work.pruned();
    losses("dense", dense);
    losses("pruned", pruned);
    var pretrained =
        Rounds.run(pruned, settings.rounds(), Convergence.USUAL, this::subset, this::recover);
    var recovered = instruct(pretrained);
    losses("recovered", recovered);
    evaluate("dense", dense);
    evaluate("pruned", pruned);
    evaluate("recovered", recovered);
    var models = List.of(dense, pruned, recovered);
    var table = report(models) + System.lineSeparator() + speeds(models);
    return table + System.lineSeparator() + "look at " + Report.write(work.root());
  }

  /**
   * Looks at what stages need that come late: a line should not end after hours for what could be
   * seen before it began.
   *
   * @throws io.lorashear.InputException with all that is missing
   */
  static void check(PipelineSettings settings) {
    Refusals.together(
        () -> checkRoom(settings),
        () -> PruneStage.check(settings.prune()),
        () -> EvaluateStage.checkQuestions(settings.evaluate()));
  }

  /** For the models that are not there yet; those of a line that was killed have their room. */
  private static void checkRoom(PipelineSettings settings) {
    long dense;
    try (var checkpoint = Checkpoint.open(settings.model())) {
      dense = settings.outputType().bytes(checkpoint.tensors());
    }
    long each = Math.round(dense * (1 - settings.prune().ratio()));
    long missing =
        new WorkFolder(settings.work())
            .models(settings.rounds(), !settings.instructions().isEmpty()).stream()
                .filter(model -> !Files.isRegularFile(model.resolve(Publication.MANIFEST)))
                .count();
    DiskSpace.require(settings.work(), missing * each, "the line, for models alone,");
  }

  private void prepare() {
    var placed = file.with(settings, PipelineFile.tokenizer(settings.model()));
    stage(
        "ingest",
        () -> {
          Ingest.run(spark, placed.ingest(), overwrite);
          return PublishedDirectory.open(placed.ingest().output());
        });
    stage("tokenize", () -> Tokenize.publish(spark, placed.tokenize(), overwrite));
  }

  private Path losses(String name, Path checkpoint) {
    return losses(name, checkpoint, List.of());
  }

  /** Of training rows of some sources: what documents are parted into buckets by. */
  private Path trainingLosses(String name, Path checkpoint, List<String> sources) {
    return losses(name + "-train", checkpoint, trainingRows(sources));
  }

  /** On what the stage learns: of instructions the responses. */
  private Path responseLosses(String name, Path checkpoint, List<String> sources) {
    var rows = new ArrayList<>(trainingRows(sources));
    rows.add("perplexity.responses=" + (settings.instruct().stage() == Kind.INSTRUCT));
    return losses(name + "-train", checkpoint, rows);
  }

  private List<String> trainingRows(List<String> sources) {
    return List.of(
        "perplexity.split=train",
        "perplexity.sources=" + sources,
        "perplexity.rows=" + settings.bucketRows());
  }

  private Path losses(String name, Path checkpoint, List<String> rows) {
    var step = new ArrayList<>(rows);
    PipelineFile.put(step, "perplexity.checkpoint", checkpoint);
    PipelineFile.put(step, "perplexity.output", work.losses(name));
    var placed = file.with(settings, step).perplexity();
    stage("perplexity of " + name, () -> Perplexity.publish(spark, placed, overwrite));
    return work.losses(name);
  }

  private Optional<Path> subset(int round, Path checkpoint) {
    var losses = round == 0 ? work.losses("pruned") : losses("round-" + (round - 1), checkpoint);
    var step = new ArrayList<String>();
    PipelineFile.put(step, "resample.pruned", losses);
    if (settings.resample().by() == ResampleSettings.By.BUCKET) {
      var name = round == 0 ? "pruned" : "round-" + (round - 1);
      var texts = settings.texts();
      PipelineFile.put(step, "resample.dense", trainingLosses("dense", settings.model(), texts));
      PipelineFile.put(step, "resample.pruned", trainingLosses(name, checkpoint, texts));
    }
    PipelineFile.put(step, "resample.output", work.subset("round-" + round));
    if (round > 0) {
      PipelineFile.put(step, "resample.previous", work.subset("round-" + (round - 1)));
    }
    var placed = file.with(settings, step).resample();
    stage("resample round " + round, () -> Resample.publish(spark, placed, overwrite));
    return Optional.of(placed.output());
  }

  private Rounds.Done recover(int round, Path checkpoint, Path subset) {
    var step = new ArrayList<String>();
    PipelineFile.put(step, "recover.checkpoint", checkpoint);
    PipelineFile.put(step, "recover.subset", subset);
    PipelineFile.put(step, "recover.output", work.recovered("round-" + round));
    var train = settings.recover().train();
    double share = (train.to() - train.from()) / settings.rounds(); // one schedule for all rounds
    step.add("recover.train.from=" + (train.from() + round * share));
    step.add("recover.train.to=" + Math.min(train.to(), train.from() + (round + 1) * share));
    teacher("recover", settings.recover(), "round-" + round, subset, step);
    var placed = file.with(settings, step).recover();
    var done =
        stage(
            "recover round " + round, () -> RecoverStage.run(placed, overwrite, device, progress));
    List<Validation> losses = RecoverStage.losses(done);
    return new Rounds.Done(placed.output(), losses.get(0).mean(), losses.get(1).mean());
  }

  /** What the dense model expects of a subset, if the stage learns from it; put into its step. */
  private void teacher(
      String stage, RecoverSettings learner, String name, Path subset, List<String> step) {
    if (learner.distillation().weight() == 0) {
      return;
    }
    var own = new ArrayList<String>();
    PipelineFile.put(own, "perplexity.subset", subset);
    PipelineFile.put(own, "perplexity.output", work.teacher(name));
    own.add("perplexity.tokens=false");
    own.add("perplexity.keepTop=" + settings.teacherTop());
    own.add("perplexity.isolateDocuments=" + learner.train().isolateDocuments());
    var placed = file.with(settings, own).perplexity();
    stage("teacher of " + name, () -> Perplexity.publish(spark, placed, overwrite));
    PipelineFile.put(step, stage + ".distillation.teacher", placed.output());
  }

  private Path instruct(Path checkpoint) {
    if (settings.instructions().isEmpty()) {
      return checkpoint;
    }
    var draw = new ArrayList<String>();
    if (settings.instructSubset().by() == ResampleSettings.By.BUCKET) {
      var names = settings.instructions();
      var dense = responseLosses("dense-instructions", settings.model(), names);
      PipelineFile.put(draw, "instructSubset.dense", dense);
      var lost = responseLosses("pretrained-instructions", checkpoint, names);
      PipelineFile.put(draw, "instructSubset.pruned", lost);
    } else {
      PipelineFile.put(draw, "instructSubset.pruned", losses("pretrained", checkpoint));
    }
    var subset = file.with(settings, draw).instructSubset();
    stage("resample instructions", () -> Resample.publish(spark, subset, overwrite));
    var step = new ArrayList<String>();
    PipelineFile.put(step, "instruct.checkpoint", checkpoint);
    PipelineFile.put(step, "instruct.subset", subset.output());
    teacher("instruct", settings.instruct(), "instruct", subset.output(), step);
    var placed = file.with(settings, step).instruct();
    stage("recover instructions", () -> RecoverStage.run(placed, overwrite, device, progress));
    return placed.output();
  }

  private void evaluate(String name, Path checkpoint) {
    var step = new ArrayList<String>();
    PipelineFile.put(step, "evaluate.checkpoint", checkpoint);
    PipelineFile.put(step, "evaluate.output", work.evaluation(name));
    var placed = file.with(settings, step).evaluate();
    stage("evaluate " + name, () -> EvaluateStage.run(placed, device, overwrite, progress));
  }

  private PublishedDirectory stage(String name, Supplier<PublishedDirectory> run) {
    return stages.run(name, run);
  }

  private String speeds(List<Path> models) {
    var record = RunRecord.start(COMMAND, file.given(settings));
    var line = new StringBuilder("%-28s".formatted("tokens scored a second"));
    for (int i = 0; i < models.size(); i++) {
      double speed = Throughput.of(models.get(i), device);
      record.measured("tokensPerSecond." + NAMES.get(i), speed);
      line.append("%16s".formatted("%,.0f".formatted(speed)));
    }
    record.write(PublishedDirectory.open(work.report()));
    return line.toString();
  }

  private String report(List<Path> models) {
    var rows = new ArrayList<PipelineReport.Model>();
    for (int i = 0; i < NAMES.size(); i++) {
      rows.add(
          PipelineReport.Model.of(
              NAMES.get(i),
              models.get(i),
              LossReport.read(work.losses(NAMES.get(i))),
              EvaluationSummary.read(PublishedDirectory.open(work.evaluation(NAMES.get(i))))));
    }
    var report = new PipelineReport(rows);
    report.publish(work.report());
    return report.table();
  }
}
