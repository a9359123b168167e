package io.lorashear.spark.pipeline;

import ai.djl.Device;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.metrics.RunMetrics;
import io.lorashear.run.DemoFolder;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.Progress;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.RunLock;
import io.lorashear.sampleworld.SampleWorld;
import io.lorashear.settings.Key;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.source.Corpus;
import io.lorashear.spark.source.SourceSettings;
import io.lorashear.train.PretrainSettings;
import io.lorashear.train.Pretraining;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * The pipeline without any input of the user: a sample world in the formats of the five sources, a
 * small model trained on it, then the same stages as with real corpora and a real model.
 */
public final class Demo {
  private static final long SEED = 1;
  private static final int DOCUMENTS = 400;
  private static final String MODEL = "demo-model";
  private static final long MOST = 100_000_000; // maximum bytes of all results

  private final SparkSession spark;
  private final Path conf;
  private final Path folder;
  private final Path cache;
  private final boolean ceiling;
  private final Device device;
  private final Progress progress;
  private final Consumer<String> out;
  private final WorkFolder work;
  private final RunMetrics metrics;

  /**
   * A demo; does not run anything yet.
   *
   * @param conf folder with {@code pipeline/demo.yaml} and {@code pretrain/demo.yaml}
   * @param folder folder of all results except the model
   * @param cache folder in which the model is kept for the next run
   * @param ceiling whether the dense model is also trained on the same text and compared
   */
  public Demo(
      SparkSession spark,
      Path conf,
      Path folder,
      Path cache,
      boolean ceiling,
      Device device,
      Progress progress,
      Consumer<String> out) {
    this.spark = spark;
    this.conf = conf;
    this.folder = folder;
    this.cache = cache;
    this.ceiling = ceiling;
    this.device = device;
    this.progress = progress;
    this.out = out;
    this.work = new WorkFolder(DemoFolder.line(folder));
    this.metrics = new RunMetrics(work.root(), "demo");
  }

  /** What {@link #run} would do, for people; writes nothing. */
  public static String plan(Path conf, Path folder, Path cache, boolean ceiling) {
    check(folder, cache);
    var sample = folder.resolve("sample");
    var model = cache.resolve(MODEL);
    var work = new WorkFolder(DemoFolder.line(folder));
    var first =
        List.of(
            Plan.line("sample, %,d documents a source".formatted(DOCUMENTS), sample),
            Plan.line("pretrain", model));
    return Plan.after(first, file(conf, sample, model, work, ceiling).load())
        + System.lineSeparator()
        + "disk: up to %s; %s are free"
            .formatted(DiskSpace.text(MOST), DiskSpace.text(DiskSpace.free(folder)));
  }

  /**
   * Runs the missing stages.
   *
   * @throws io.lorashear.InputException if another run works in the folder
   */
  @SuppressWarnings("try") // held, not used
  public String run() {
    check(folder, cache);
    try (var alone = RunLock.require(work.root())) {
      return metrics.all(this::all);
    }
  }

  private String all() {
    var sample = sample();
    var placeholder = file(conf, sample, cache.resolve(MODEL), work, ceiling);
    corpus(sample, placeholder);
    var model = model(sample);
    var file = file(conf, sample, model, work, ceiling);
    Pipeline.check(file.load());
    return new Pipeline(spark, file, true, device, progress, out).runLocked();
  }

  private static void check(Path folder, Path cache) {
    Refusals.together(
        () -> sample(folder.resolve("sample")),
        () -> Publication.check(cache.resolve(MODEL)),
        () -> DiskSpace.require(folder, MOST, "the demo"));
  }

  /** Refuses a changed sample: {@code ingest} takes its files as raw text, whatever they are. */
  private static void sample(Path sample) {
    Publication.check(sample);
    if (Files.exists(sample.resolve(Publication.MANIFEST))) {
      PublishedDirectory.openVerified(sample);
    }
  }

  private Path sample() {
    var sample = folder.resolve("sample");
    if (!Files.exists(sample.resolve(Publication.MANIFEST))) {
      SampleWorld.write(sample, SEED, DOCUMENTS);
    }
    out.accept("%-43s            %s".formatted("sample", sample));
    return sample;
  }

  private static PipelineFile file(
      Path conf, Path sample, Path model, WorkFolder work, boolean ceiling) {
    var evaluate = Key.of(PipelineSettings::evaluate);
    var overrides =
        List.of(
            Key.of(PipelineSettings::model).is(model),
            Key.of(PipelineSettings::work).is(work.root()),
            Key.of(PipelineSettings::ceiling).is(ceiling),
            Key.of(PipelineSettings::ingest).then(IngestSettings::sources).is(sources(sample)),
            evaluate
                .then(EvaluateSettings::choices)
                .is(Map.of("world", sample.resolve(SampleWorld.CLOZE))));
    return new PipelineFile(conf.resolve("pipeline/demo.yaml"), Overrides.implied(overrides));
  }

  private static List<SourceSettings> sources(Path sample) {
    return Stream.of(
            Corpus.WIKIPEDIA,
            Corpus.OPENWEBTEXT,
            Corpus.GUTENBERG,
            Corpus.BOOKCORPUS,
            Corpus.ALPACA)
        .map(
            corpus ->
                SourceSettings.of(corpus, sample.resolve(Settings.word(corpus)))
                    .with(SourceSettings::licence)
                    .as(Optional.of("made up for the demo")))
        .toList();
  }

  /**
   * Publishes documents and sequences, with the tokenizer of the sample; the model is then trained
   * on them.
   */
  private void corpus(Path sample, PipelineFile file) {
    var tokenizer = sample.resolve(SampleWorld.TOKENIZER);
    var settings = file.load();
    var runs = new StageRuns("run", file.given(settings), metrics, out);
    var stages = new Stages(spark, device, progress, true, runs);
    stages.stage("ingest", StageSettings.of(settings).ingest(tokenizer));
    stages.stage("tokenize", StageSettings.of(settings).tokenize(tokenizer));
  }

  private Path model(Path sample) {
    var overrides =
        List.of(
            Key.of(PretrainSettings::corpus).is(work.corpus()),
            Key.of(PretrainSettings::tokenizer).is(sample.resolve(SampleWorld.TOKENIZER)),
            Key.of(PretrainSettings::output).is(cache.resolve(MODEL)));
    var yaml = conf.resolve("pretrain/demo.yaml");
    var settings = Settings.load(PretrainSettings.class, yaml, Overrides.implied(overrides));
    long start = System.nanoTime();
    var published =
        metrics.stage(
            "pretrain",
            settings.output(),
            () -> new Pretraining(settings, device, progress).publish(true));
    out.accept(StageRuns.line("pretrain", (System.nanoTime() - start) / 1e9, published));
    return published.directory();
  }
}
