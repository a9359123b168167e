package io.lorashear.spark.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.run.Sha256;
import io.lorashear.sampleworld.SampleWorld;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.perplexity.SmallCheckpoint;
import io.lorashear.tokenizer.Tokenizer;
import java.io.File;
import java.io.FileWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Runs of commands whose results lie side by side in one folder, here or in a process that can be
 * killed; what a run says is added to {@code NAME.log}.
 */
record Runs(Path folder) {

  /** A small model whose vocabulary is the sample's, in {@code model}. */
  void model(Path sample) throws IOException {
    var file = sample.resolve(SampleWorld.TOKENIZER);
    try (var tokenizer = Tokenizer.open(file)) {
      var model = SmallCheckpoint.write(folder.resolve("model"), tokenizer.size(), 1);
      Files.copy(file, model.resolve("tokenizer.json"));
    }
  }

  /** A run that nobody disturbs needs no process of its own. */
  void undisturbed(String name, List<String> arguments) throws IOException {
    LocalSpark.session();
    try (var log = new PrintWriter(new FileWriter(logFile(name), UTF_8, true))) {
      var command = Lorashear.commandLine().setOut(log).setErr(log);
      assertThat(command.execute(arguments.toArray(String[]::new))).as(log(name)).isZero();
    }
  }

  /** Kills a run as soon as {@code sign} is there, which is before {@code result} is published. */
  void killed(String name, List<String> arguments, String sign, String result)
      throws IOException, InterruptedException {
    assertThat(until(name, arguments, sign).destroyForcibly().waitFor()).isEqualTo(128 + 9);
    assertThat(folder.resolve(name).resolve(result)).doesNotExist();
  }

  /** Asks a run to end, as Ctrl-C does: it goes without a crash of native code. */
  void ended(String name, List<String> arguments, String sign)
      throws IOException, InterruptedException {
    var process = until(name, arguments, sign);
    process.destroy();
    assertThat(process.waitFor()).as(log(name)).isEqualTo(128 + 15); // SIGTERM
    assertThat(log(name)).doesNotContain("fatal error");
  }

  private Process until(String name, List<String> arguments, String sign)
      throws IOException, InterruptedException {
    var command = java(List.of("-Dai.djl.offline=true"), Lorashear.class);
    command.addAll(arguments);
    var process = start(name, command);
    while (!exists(folder.resolve(name), sign)) {
      assertThat(process.isAlive()).as("%s came to be%n%s", sign, log(name)).isTrue();
      Thread.sleep(5);
    }
    return process;
  }

  /** A Java with the tests' class path that starts {@code main}; its arguments come behind. */
  static List<String> java(List<String> options, Class<?> main) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Files.readAllLines(Path.of("..", "bin", "spark-flags")));
    command.removeIf(String::isBlank);
    command.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return command;
  }

  Process start(String name, List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.appendTo(logFile(name)))
        .start();
  }

  private File logFile(String name) {
    return folder.resolve(name + ".log").toFile();
  }

  String log(String name) throws IOException {
    return Files.readString(logFile(name).toPath());
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
  TreeMap<String, String> bytes(String name) throws IOException {
    var root = folder.resolve(name);
    try (var all = Files.walk(root)) {
      var found = new TreeMap<String, String>();
      all.filter(Files::isRegularFile)
          .sorted(comparing(Path::toString))
          .filter(file -> !file.toString().endsWith(".run.json"))
          .filter(file -> !file.toString().endsWith("metrics.jsonl"))
          .filter(file -> !file.endsWith("report.html"))
          .forEach(file -> found.put(root.relativize(file).toString(), Sha256.of(file)));
      return found;
    }
  }
}
