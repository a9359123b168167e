package io.lorashear.spark.job;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.corpus.SubsetManifest;
import io.lorashear.run.Sha256;
import io.lorashear.sample.SampleWorld;
import io.lorashear.spark.perplexity.SmallCheckpoint;
import io.lorashear.tokenizer.Tokenizer;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A line that is killed without a warning, at a Spark stage and in the midst of training. */
class KilledRunTest {
  private static final String SETTINGS =
      """
      model: %1$s/model
      work: work
      ingest:
        sources:
          - {corpus: wikipedia, paths: [%1$s/sample/wikipedia]}
          - {corpus: openwebtext, paths: [%1$s/sample/openwebtext]}
          - {corpus: gutenberg, paths: [%1$s/sample/gutenberg]}
          - {corpus: bookcorpus, paths: [%1$s/sample/bookcorpus]}
          - {corpus: alpaca, paths: [%1$s/sample/alpaca]}
        cleaning: {paragraphTokens: 16}
      tokenize: {sequenceLength: 128, validation: {share: 0.2}}
      analyze: {profile: {ratios: [0.5], rows: 1}}
      prune:
        ratio: 0.05
        rows: 32
        lhspg: {warmupSteps: 20, periods: 5, stepsPerPeriod: 20, coolDownSteps: 20}
        train: {rows: 2, saveEvery: 5}
      perplexity: {rows: 4, batchRows: 2}
      resample: {tokens: 12800, by: bucket, buckets: 2}
      teacherTop: 4
      recover:
        validationRows: 2
        train: {rows: 2, saveEvery: 5}
        distillation: {weight: 0.5}
      instructSubset: {tokens: 1280}
      instruct: {validationRows: 2, train: {rows: 2, saveEvery: 5}}
      evaluate: {tasks: [], choices: {world: %1$s/sample/benchmarks/world-cloze.jsonl}, limit: 8}
      """;

  private static final String SCHEDULE =
      """
      model: %1$s/model
      pruned: %1$s/model
      work: %1$s/%2$s
      ingest:
        sources:
          - {corpus: openwebtext, paths: [%1$s/raw-%2$s]}
        cleaning: {paragraphTokens: 16}
      tokenize: {sequenceLength: 64, validation: {share: 0.2}}
      perplexity: {rows: 4}
      resample: {tokens: 2560}
      recover: {validationRows: 2, train: {rows: 2, saveEvery: 2}}
      """;

  @TempDir Path folder;

  @Test
  void itEndsWithTheBytesOfAnUndisturbedRun() throws Exception {
    var sample = folder.resolve("sample");
    SampleWorld.write(sample, 1, 60);
    Files.writeString(folder.resolve("line.yaml"), SETTINGS.formatted(folder));
    model(sample);

    run("undisturbed");
    killed("killed", ".documents.unfinished", "documents");
    killed("killed", ".pruned.scratch-*/training/step-*", "pruned");
    killed("killed", "teachers/.round-0.unfinished-*/teacher/part-*", "teachers/round-0");
    ended("killed", "recovered/.round-0.scratch-*/training/step-*");
    killed("killed", "recovered/.round-1.scratch-*/training/step-*", "recovered/round-1");
    run("killed");

    assertThat(bytes("killed")).isEqualTo(bytes("undisturbed")).hasSizeGreaterThan(40);
  }

  /** Two rounds, between which text comes; killed at a Spark stage and while it trains. */
  @Test
  void aScheduleEndsWithTheBytesOfAnUndisturbedOne() throws Exception {
    SampleWorld.write(folder.resolve("sample"), 1, 40);
    SampleWorld.write(folder.resolve("more"), 2, 40);
    model(folder.resolve("sample"));
    for (var work : List.of("undisturbed", "killed")) {
      Files.writeString(folder.resolve(work + ".yaml"), SCHEDULE.formatted(folder, work));
      copy("sample", work);
    }
    scheduled("undisturbed");
    copy("more", "undisturbed");
    scheduled("undisturbed");

    scheduleKilled("killed", "rounds/000000/.documents.unfinished");
    scheduled("killed");
    copy("more", "killed");
    scheduleKilled("killed", "rounds/000001/.model.scratch-*/training/step-*");
    scheduled("killed");

    assertThat(log("killed"))
        .containsPattern("run 0 of process \\d+ on .* was killed: going on with its round 0")
        .containsPattern("run 2 of process \\d+ on .* was killed: going on with its round 1");
    var expected = bytes("undisturbed");
    var found = bytes("killed");
    expected.keySet().removeIf(name -> name.startsWith("history/"));
    found.keySet().removeIf(name -> name.startsWith("history/"));
    assertThat(found).isEqualTo(expected).hasSizeGreaterThan(30);
    var first = drawn("killed", 0);
    assertThat(first)
        .hasSize(40)
        .doesNotHaveDuplicates()
        .doesNotContainAnyElementsOf(drawn("killed", 1));
  }

  private List<String> drawn(String work, int round) {
    var subset = folder.resolve(work).resolve("rounds/%06d/subset".formatted(round));
    return SubsetManifest.read(subset).drawn().stream()
        .map(SubsetManifest.Drawn::sequence)
        .toList();
  }

  private void copy(String sample, String work) throws IOException {
    var raw = Files.createDirectories(folder.resolve("raw-" + work));
    try (var files = Files.list(folder.resolve(sample).resolve("openwebtext"))) {
      for (Path file : files.toList()) {
        Files.copy(file, raw.resolve(sample + "-" + file.getFileName()));
      }
    }
  }

  private void scheduled(String work) throws IOException, InterruptedException {
    assertThat(schedule(work).waitFor()).as(log(work)).isZero();
  }

  private void scheduleKilled(String work, String sign) throws IOException, InterruptedException {
    var process = until(schedule(work), work, sign);
    assertThat(process.destroyForcibly().waitFor()).isEqualTo(128 + 9); // SIGKILL
  }

  private Process schedule(String work) throws IOException {
    return start(work, List.of("schedule", folder + "/" + work + ".yaml", "--once"));
  }

  private void model(Path sample) throws IOException {
    var file = sample.resolve(SampleWorld.TOKENIZER);
    try (var tokenizer = Tokenizer.open(file)) {
      var model = SmallCheckpoint.write(folder.resolve("model"), tokenizer.size(), 1);
      Files.copy(file, model.resolve("tokenizer.json"));
    }
  }

  private void run(String work) throws IOException, InterruptedException {
    assertThat(start(work).waitFor()).as(log(work)).isZero();
  }

  /** Kills a run as soon as {@code sign} is there, which is before {@code result} is published. */
  private void killed(String work, String sign, String result)
      throws IOException, InterruptedException {
    assertThat(startedUntil(work, sign).destroyForcibly().waitFor()).isEqualTo(128 + 9); // SIGKILL
    assertThat(folder.resolve(work).resolve(result)).doesNotExist();
  }

  /** Asks a run to end, as Ctrl-C does: it goes without a crash of native code. */
  private void ended(String work, String sign) throws IOException, InterruptedException {
    var process = startedUntil(work, sign);
    process.destroy();
    assertThat(process.waitFor()).as(log(work)).isEqualTo(128 + 15); // SIGTERM
    assertThat(log(work)).doesNotContain("fatal error");
  }

  private Process startedUntil(String work, String sign) throws IOException, InterruptedException {
    return until(start(work), work, sign);
  }

  private Process until(Process process, String work, String sign)
      throws IOException, InterruptedException {
    while (!exists(folder.resolve(work), sign)) {
      assertThat(process.isAlive()).as("%s came to be%n%s", sign, log(work)).isTrue();
      Thread.sleep(2);
    }
    return process;
  }

  private Process start(String work) throws IOException {
    var where = "work=" + folder.resolve(work);
    return start(work, List.of("run", folder + "/line.yaml", "--set", where));
  }

  private Process start(String work, List<String> arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Files.readAllLines(Path.of("..", "bin", "spark-flags")));
    command.removeIf(String::isBlank);
    command.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-Dai.djl.offline=true", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(Lorashear.class.getName());
    command.addAll(arguments);
    command.addAll(List.of("--device", "cpu"));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile(work)))
        .start();
  }

  private File logFile(String work) {
    return folder.resolve(work + ".log").toFile();
  }

  private String log(String work) throws IOException {
    return Files.readString(logFile(work).toPath());
  }

  private static boolean exists(Path root, String pattern) throws IOException {
    if (!Files.isDirectory(root)) {
      return false;
    }
    var matcher = FileSystems.getDefault().getPathMatcher("glob:" + root + "/" + pattern);
    var names = new ArrayList<Path>(List.of(root));
    for (var ignored : pattern.split("/")) {
      var next = new ArrayList<Path>();
      for (var parent : names) {
        next.addAll(children(parent));
      }
      names = next;
    }
    return names.stream().anyMatch(matcher::matches);
  }

  private static List<Path> children(Path parent) {
    var files = parent.toFile().listFiles(); // nothing where the folder has gone meanwhile
    return files == null ? List.of() : List.of(files).stream().map(File::toPath).toList();
  }

  /** Every file and its hash; all but the records of when, how fast and where it was made. */
  private TreeMap<String, String> bytes(String work) throws IOException {
    var root = folder.resolve(work);
    try (var all = Files.walk(root)) {
      var found = new TreeMap<String, String>();
      all.filter(Files::isRegularFile)
          .sorted(comparing(Path::toString))
          .filter(file -> !file.toString().endsWith(".run.json"))
          .forEach(file -> found.put(root.relativize(file).toString(), Sha256.of(file)));
      return found;
    }
  }
}
