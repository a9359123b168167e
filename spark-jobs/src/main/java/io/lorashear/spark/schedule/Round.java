package io.lorashear.spark.schedule;

import static io.lorashear.spark.pipeline.PipelineFile.put;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.recover.RecoverStage;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.Progress;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.spark.ingest.Ingest;
import io.lorashear.spark.ingest.PublishedDocuments;
import io.lorashear.spark.perplexity.Perplexity;
import io.lorashear.spark.pipeline.PipelineFile;
import io.lorashear.spark.pipeline.StageRuns;
import io.lorashear.spark.resample.Resample;
import io.lorashear.spark.tokenize.Tokenize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.sql.SparkSession;

/**
 * One round.
 *
 * <pre>
 *   new raw files → documents → corpus, grown by them           (without any: the corpus stays)
 *   losses of the dense and of the current model
 *   subset ← resample over all of the corpus, from where the last round stopped
 *   model ← recover the current one on it
 * </pre>
 *
 * A stage that is published already is not done again. New raw files are looked for until the
 * corpus is published; those that come later are the next round's.
 */
public final class Round {
  private final SparkSession spark;
  private final ScheduleFile file;
  private final ScheduleSettings settings;
  private final Device device;
  private final Progress progress;
  private final Consumer<String> out;
  private final StageRuns stages;

  /**
   * Nothing runs yet.
   *
   * @param out receives a line for each finished stage
   */
  public Round(
      SparkSession spark,
      ScheduleFile file,
      Device device,
      Progress progress,
      Consumer<String> out) {
    this.spark = spark;
    this.file = file;
    this.settings = file.load();
    this.device = device;
    this.progress = progress;
    this.out = out;
    this.stages = new StageRuns("schedule", file.given(settings), out);
  }

  /** Where a round publishes. */
  static Path folder(Path work, int round) {
    return work.resolve("rounds").resolve("%06d".formatted(round));
  }

  /** Does what is not done yet; what was published, by what it is. */
  public SortedMap<String, PublishedDirectory> run(State state) {
    check(settings, state);
    var folder = folder(settings.work(), state.round());
    var outputs = new TreeMap<String, PublishedDirectory>();
    var step = PipelineFile.tokenizer(settings.model());
    outputs.put(State.DOCUMENTS, documents(folder, state, step));
    var corpus = corpus(folder, state, step, outputs);
    var dense = losses("dense", settings.model(), corpus, corpus.resolveSibling("losses-dense"));
    var current = losses("current", state.model(), corpus, folder.resolve("losses-current"));
    var subset = subset(folder, state, corpus, dense, current);
    outputs.put(State.SUBSET, subset);
    if (settings.recovery()) {
      outputs.put(State.MODEL, recovered(folder, state, corpus, subset));
    }
    return outputs;
  }

  /**
   * Looks at the models, which later stages need, before the first.
   *
   * @throws io.lorashear.InputException where one is missing or damaged, or there is no room
   */
  static void check(ScheduleSettings settings, State state) {
    Refusals.together(
        () -> Checkpoint.open(settings.model()).close(),
        () -> checkCurrent(settings, state),
        () -> Publication.check(folder(settings.work(), state.round()).resolve("subset")));
  }

  private static void checkCurrent(ScheduleSettings settings, State state) {
    try (var current = Checkpoint.open(state.model())) {
      long bytes =
          settings.recovery() ? settings.recover().outputType().bytes(current.tensors()) : 0;
      DiskSpace.require(settings.work(), Math.max(1, bytes), "a round");
    }
  }

  private PublishedDirectory documents(Path folder, State state, List<String> tokenizer) {
    var target = folder.resolve("documents");
    return stage(
        "ingest",
        () -> {
          if (!settled(folder)) {
            var step = new ArrayList<>(tokenizer);
            put(step, "ingest.output", target);
            step.add("ingest.earlier=" + list(state.documents()));
            Ingest.run(spark, file.with(step).ingest(), true);
          }
          return PublishedDirectory.open(target);
        });
  }

  /** Whether the round's documents stay what they are, whatever raw files come now. */
  private static boolean settled(Path folder) {
    return published(folder.resolve("documents"))
        && (published(folder.resolve("corpus"))
            || PublishedDocuments.open(folder.resolve("documents")).isEmpty());
  }

  static boolean published(Path folder) {
    return Files.isRegularFile(folder.resolve(Publication.MANIFEST));
  }

  private Path corpus(
      Path folder,
      State state,
      List<String> tokenizer,
      SortedMap<String, PublishedDirectory> outputs) {
    var documents = folder.resolve("documents");
    if (state.corpus().isPresent() && PublishedDocuments.open(documents).isEmpty()) {
      out.accept("no new text: the corpus stays");
      return state.corpus().get();
    }
    var step = new ArrayList<>(tokenizer);
    put(step, "tokenize.documents", documents);
    put(step, "tokenize.output", folder.resolve("corpus"));
    state.corpus().ifPresent(path -> put(step, "tokenize.grows", path));
    step.add("tokenize.earlier=" + list(state.documents()));
    var placed = file.with(step).tokenize();
    outputs.put(State.CORPUS, stage("tokenize", () -> Tokenize.publish(spark, placed, true)));
    return placed.output();
  }

  private Path losses(String name, Path checkpoint, Path corpus, Path output) {
    var step = new ArrayList<String>();
    put(step, "perplexity.corpus", corpus);
    put(step, "perplexity.checkpoint", checkpoint);
    put(step, "perplexity.output", output);
    var placed = file.with(step).perplexity();
    stage("perplexity of " + name, () -> Perplexity.publish(spark, placed, true));
    return output;
  }

  private PublishedDirectory subset(
      Path folder, State state, Path corpus, Path dense, Path current) {
    var step = new ArrayList<String>();
    put(step, "resample.corpus", corpus);
    put(step, "resample.dense", dense);
    put(step, "resample.pruned", current);
    put(step, "resample.output", folder.resolve("subset"));
    state.subset().ifPresent(path -> put(step, "resample.previous", path));
    var placed = file.with(step).resample();
    return stage("resample", () -> Resample.publish(spark, placed, true));
  }

  private PublishedDirectory recovered(
      Path folder, State state, Path corpus, PublishedDirectory subset) {
    var step = new ArrayList<String>();
    put(step, "recover.checkpoint", state.model());
    put(step, "recover.corpus", corpus);
    put(step, "recover.subset", subset.directory());
    put(step, "recover.output", folder.resolve("model"));
    var placed = file.with(step).recover();
    return stage("recover", () -> RecoverStage.run(placed, true, device, progress));
  }

  private static String list(List<Path> paths) {
    var items = new ArrayList<String>();
    paths.forEach(path -> put(items, "", path));
    return items.stream().map(item -> item.substring(1)).toList().toString();
  }

  private PublishedDirectory stage(String name, Supplier<PublishedDirectory> run) {
    return stages.run(name, run);
  }
}
