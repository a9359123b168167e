package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.run.Sha256;
import io.lorashear.sample.SampleWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Raw corpora to shards, with one core and two, and 1, 3 and 17 partitions. */
class CoresTest {
  private static final String INGEST =
      """
      sources:
        - {corpus: wikipedia, paths: [%1$s/wikipedia]}
        - {corpus: openwebtext, paths: [%1$s/openwebtext]}
        - {corpus: gutenberg, paths: [%1$s/gutenberg]}
        - {corpus: bookcorpus, paths: [%1$s/bookcorpus]}
        - {corpus: alpaca, paths: [%1$s/alpaca]}
      tokenizer: %1$s/tokenizer.json
      output: %2$s/documents
      cleaning: {paragraphTokens: 16}
      rowsPerFile: 40
      """;
  private static final String TOKENIZE =
      """
      documents: %2$s/documents
      tokenizer: %1$s/tokenizer.json
      output: %2$s/corpus
      passageCharacters: 2000
      shardCharacters: 20000
      """;

  @TempDir Path folder;

  @Test
  void coresAndPartitionsLeaveNoTraceInTheBytes() throws Exception {
    SampleWorld.write(folder.resolve("sample"), 1, 60);
    line("one", 1, 1);
    line("two", 2, 3);
    line("many", 2, 17);
    var bytes = bytes("one");
    assertThat(bytes).hasSizeGreaterThan(12).containsKey("corpus/manifest.json");
    assertThat(bytes("two")).isEqualTo(bytes);
    assertThat(bytes("many")).isEqualTo(bytes);
  }

  /** Both stages in a process of their own: a Spark session keeps its cores. */
  private void line(String name, int cores, int partitions)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(Files.readAllLines(Path.of("..", "bin", "spark-flags")));
    command.removeIf(String::isBlank);
    command.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1", "-Dspark.ui.enabled=false"));
    command.add("-Dspark.master=local[%d]".formatted(cores));
    command.add("-Dspark.sql.shuffle.partitions=" + partitions);
    command.add("-Dspark.driver.host=127.0.0.1");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Line.class.getName()));
    command.addAll(List.of(folder.resolve("sample").toString(), folder.resolve(name).toString()));
    var log = folder.resolve(name + ".log");
    var process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
  }

  private TreeMap<String, String> bytes(String name) throws IOException {
    var root = folder.resolve(name);
    try (var all = Files.walk(root)) {
      var found = new TreeMap<String, String>();
      all.filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith(".run.json"))
          .forEach(file -> found.put(root.relativize(file).toString(), Sha256.of(file)));
      return found;
    }
  }

  /** Ingest and tokenize, the second from what the first published. */
  static final class Line {
    private Line() {}

    /** The sample's folder, then the one for all that is made of it. */
    public static void main(String[] args) throws IOException {
      run("ingest", INGEST, args);
      run("tokenize", TOKENIZE, args);
    }

    private static void run(String command, String settings, String... folders) throws IOException {
      var file = Files.createTempFile(command, ".yaml");
      Files.writeString(file, settings.formatted((Object[]) folders));
      int code = Lorashear.commandLine().execute(command, "--config", file.toString());
      Files.delete(file);
      if (code != 0) {
        System.exit(code);
      }
    }
  }
}
