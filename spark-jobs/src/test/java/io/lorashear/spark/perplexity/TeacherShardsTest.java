package io.lorashear.spark.perplexity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.corpus.TeacherManifest;
import io.lorashear.device.Place;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Stage;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.engine.Engine;
import io.lorashear.spark.perplexity.PerplexitySettings.Split;
import io.lorashear.spark.shard.ShardFolder;
import io.lorashear.spark.store.HadoopStorage;
import io.lorashear.spark.tokenize.TokenizedCorpus;
import io.lorashear.tokenizer.SmallTokenizers;
import io.lorashear.torch.PrecisionChoice;
import io.lorashear.torch.TorchModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The likeliest tokens beside a loss report. */
class TeacherShardsTest {
  private static final int TOP = 5;

  private record NoSettings() {}

  @TempDir static Path folder;
  private static Path corpus;
  private static Path checkpoint;
  private static List<Sequence> training;

  @BeforeAll
  static void publish() throws IOException {
    corpus = TokenizedCorpus.write(folder.resolve("corpus"), SmallTokenizers.byteLevel(folder));
    checkpoint = SmallCheckpoint.write(folder.resolve("dense"), 260, 1);
    training = new ArrayList<>();
    for (var source : List.of("tasks", "web")) {
      try (var rows = SequenceReader.open(corpus).read(source, Sequence.TRAIN)) {
        rows.forEachRemaining(training::add);
      }
    }
  }

  @AfterAll
  static void release() {
    ExecutorScorer.release();
  }

  @Test
  void theRowsOfASubsetHaveTheLikeliestTokensOfTheModelsLogits() {
    for (boolean apart : new boolean[] {false, true}) {
      var subset = subset("subset-" + apart, List.of(7, 2, 11, 2), hash());
      var settings = settings("subset-losses-" + apart, 3, TOP, apart, Optional.of(subset));
      Perplexity.publish(LocalSpark.session(), settings, false);
      var rows = rows(settings.output());
      assertThat(rows.keySet())
          .isEqualTo(
              Map.of(2, 0, 7, 0, 11, 0).keySet().stream()
                  .map(row -> training.get(row).id())
                  .collect(Collectors.toSet()));
      for (int row : List.of(2, 7, 11)) {
        var sequence = training.get(row);
        expectLogits(sequence, apart, rows.get(sequence.id()));
      }
    }
  }

  private static void expectLogits(Sequence sequence, boolean apart, Row row) {
    try (var opened = Checkpoint.open(checkpoint);
        var model = TorchModel.load(opened.graph(), opened.tensors(), Device.cpu());
        var scope = model.manager().newSubManager()) {
      var ids = model.ids(scope, sequence.inputIds());
      var logits =
          apart
              ? model.packedLogits(scope, ids, model.ids(scope, sequence.starts()))
              : model.logits(scope, ids); // (1, T, vocabulary)
      int positions = sequence.tokens() - 1;
      assertThat(row.getList(1)).hasSize(positions * TOP);
      assertThat(row.getList(3)).hasSize(positions);
      for (int t = 0; t < positions; t++) {
        var z = logits.get(0).get(t).toFloatArray();
        var order =
            IntStream.range(0, z.length)
                .boxed()
                .sorted(Comparator.comparingDouble(v -> -z[v]))
                .toList();
        double all = 0;
        double rest = 0;
        for (int v = 0; v < z.length; v++) {
          all += Math.exp(z[v]);
          rest += order.indexOf(v) >= TOP ? Math.exp(z[v]) : 0;
        }
        for (int k = 0; k < TOP; k++) {
          assertThat(row.<Integer>getList(1).get(t * TOP + k)).isEqualTo(order.get(k));
          assertThat((double) row.<Float>getList(2).get(t * TOP + k))
              .isCloseTo(z[order.get(k)] - Math.log(all), within(1e-4));
        }
        assertThat((double) row.<Float>getList(3).get(t))
            .isCloseTo(Math.log(rest / all), within(1e-4));
      }
    }
  }

  @Test
  void theLossesBesideThemAreThoseWithout() {
    var with = settings("with", 3, TOP, false, Optional.empty());
    var without = settings("without", 3, 0, false, Optional.empty());
    Perplexity.publish(LocalSpark.session(), with, false);
    Perplexity.publish(LocalSpark.session(), without, false);
    assertThat(LossReport.read(with.output())).isEqualTo(LossReport.read(without.output()));
    assertThat(folder.resolve("with/teacher")).isDirectory();
    assertThat(folder.resolve("without/teacher")).doesNotExist();
  }

  @Test
  void documentsApartLoseNothingOnTheirFirstTokens() {
    var settings = settings("apart", 3, 0, true, Optional.empty());
    Perplexity.publish(LocalSpark.session(), settings, false);
    var report = LossReport.read(settings.output());
    long predicted =
        training.stream()
            .mapToLong(
                row -> IntStream.range(1, row.tokens()).filter(t -> row.starts()[t] != t).count())
            .sum();
    assertThat(report.sources().stream().mapToLong(source -> source.tokens()).sum())
        .isEqualTo(predicted);
    assertThat(report.split()).isEqualTo("train, documents apart");
  }

  /** Files of one row each, from rows spread over one partition or three, on the way in and out. */
  @Test
  void filesAreTheSameBytesForAnyPartitions() throws IOException {
    var one = write("partitions-1", 1);
    var three = write("partitions-3", 3);
    assertThat(one.keySet()).hasSizeGreaterThan(2);
    assertThat(three).isEqualTo(one);
  }

  private static Map<String, String> write(String name, int partitions) throws IOException {
    losses(name, partitions);
    return bytes(folder.resolve(name).resolve("files"));
  }

  private static List<PieceLoss> losses(String name, int partitions) throws IOException {
    var settings = settings(name, 1, TOP, false, Optional.empty());
    var spark = LocalSpark.session();
    var files = SequenceReader.open(corpus).verified(Sequence.TRAIN);
    var rows =
        spark
            .read()
            .option("basePath", corpus.resolve("sequences").toString())
            .parquet(files.stream().map(Path::toString).toArray(String[]::new))
            .repartition(partitions);
    var runs = ExecutorRuns.of(LocalSpark.session());
    var scorer =
        new ExecutorScorer(
            checkpoint.toString(),
            ContentHash.of(checkpoint),
            Place.CPU,
            PrecisionChoice.AUTO,
            false,
            runs);
    return TeacherShards.write(
        DrawnRows.of(rows, settings, null, TeacherShards.BATCHES).coalesce(partitions),
        scorer,
        settings,
        new ShardFolder(spark, hadoop(name, "files"), hadoop(name, "notes")));
  }

  private static org.apache.hadoop.fs.Path hadoop(String name, String part) {
    return HadoopStorage.hadoop(folder.resolve(name).resolve(part));
  }

  @Test
  void finishedFilesAreNotScoredAgain() throws IOException {
    var losses = losses("killed", 2);
    var files = folder.resolve("killed/files");
    var whole = bytes(files);
    var lost = whole.keySet().iterator().next();
    Files.delete(files.resolve(lost));
    var times = times(files);
    var again = losses("killed", 3);
    assertThat(bytes(files)).isEqualTo(whole);
    assertThat(times(files)).containsAllEntriesOf(times);
    assertThat(new HashSet<>(again)).isEqualTo(new HashSet<>(losses)).hasSameSizeAs(again);
  }

  @Test
  void aSubsetOfAnotherCorpusIsNamed() {
    var subset = subset("strange", List.of(1), "another");
    var settings = settings("strange-losses", 3, TOP, false, Optional.of(subset));
    assertThatThrownBy(() -> Perplexity.publish(LocalSpark.session(), settings, false))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s was drawn from another corpus than that to be scored: draw it again from this one",
            subset);
  }

  @Test
  void moreTokensThanTheModelHasAreRefused() {
    var settings = settings("too-many", 3, 300, false, Optional.empty());
    assertThatThrownBy(() -> Perplexity.publish(LocalSpark.session(), settings, false))
        .isInstanceOf(InputException.class)
        .hasMessage("keepTop is 300, but %s has 260 tokens: keep fewer", checkpoint);
  }

  private static PerplexitySettings settings(
      String name, int batchRows, int top, boolean apart, Optional<Path> subset) {
    return new PerplexitySettings(
        corpus,
        checkpoint,
        folder.resolve(name),
        Split.TRAIN,
        List.of(),
        1000,
        0,
        subset,
        batchRows,
        false,
        top,
        apart,
        false,
        Place.CPU,
        PrecisionChoice.AUTO,
        Engine.BUILT_IN);
  }

  private static String hash() {
    return SequenceReader.open(corpus).hash();
  }

  private static Path subset(String name, List<Integer> rows, String corpusHash) {
    var target = folder.resolve(name);
    var drawn =
        rows.stream()
            .map(training::get)
            .map(row -> new Drawn(row.id(), shardOf(row), 0, row.source()))
            .toList();
    var group =
        new SubsetManifest.GroupDraw("web", "web", 0, 1, 1, "", 40, drawn.size(), List.of());
    Stage.of("resample", target, new NoSettings(), TeacherShardsTest.class)
        .run(
            output ->
                new SubsetManifest(
                        corpusHash, Sequence.TRAIN, 0, 0, 1, "uniform", List.of(group), drawn)
                    .writeTo(output));
    return target;
  }

  private static String shardOf(Sequence row) {
    var shards = SequenceReader.open(corpus).manifest().shards(row.source(), Sequence.TRAIN);
    return shards.stream()
        .map(shard -> shard.path())
        .filter(path -> row.id().contains(path.replaceAll(".*part-|\\.parquet", "")))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, Row> rows(Path report) {
    var rows = new TreeMap<String, Row>();
    LocalSpark.session()
        .read()
        .parquet(report.resolve(TeacherManifest.FOLDER).toString())
        .select("sequence_id", "ids", "log_probabilities", "tail")
        .collectAsList()
        .forEach(row -> rows.put(row.getString(0), row));
    return rows;
  }

  private static Map<String, String> bytes(Path files) throws IOException {
    var bytes = new TreeMap<String, String>();
    for (Path file : list(files)) {
      bytes.put(file.getFileName().toString(), Arrays.toString(Files.readAllBytes(file)));
    }
    return bytes;
  }

  private static Map<String, FileTime> times(Path files) throws IOException {
    var times = new TreeMap<String, FileTime>();
    for (Path file : list(files)) {
      times.put(file.getFileName().toString(), Files.getLastModifiedTime(file));
    }
    return times;
  }

  private static List<Path> list(Path files) throws IOException {
    try (var found = Files.list(files)) {
      return found.filter(Files::isRegularFile).toList();
    }
  }
}
