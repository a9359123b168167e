package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.sampleworld.SampleWorld;
import io.lorashear.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Raw corpora to shards, with one core and two, and 1, 3 and 17 partitions. */
@Tag("long")
class CoresTest {
  private static final String PARTITIONS = "spark.sql.shuffle.partitions";
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
    onOneCore("one");
    onTwoCores("two", 3);
    onTwoCores("many", 17);
    var runs = new Runs(folder);
    var bytes = runs.bytes("one");
    assertThat(bytes).hasSizeGreaterThan(12).containsKey("corpus/manifest.json");
    assertThat(runs.bytes("two")).isEqualTo(bytes);
    assertThat(runs.bytes("many")).isEqualTo(bytes);
  }

  private void onTwoCores(String name, int partitions) throws IOException {
    var settings = LocalSpark.session().conf();
    var usual = settings.get(PARTITIONS);
    settings.set(PARTITIONS, partitions);
    try {
      assertThat(Line.of(folder.resolve("sample"), folder.resolve(name))).isZero();
    } finally {
      settings.set(PARTITIONS, usual);
    }
  }

  /** Both stages in a process of their own: a Spark session keeps its cores. */
  private void onOneCore(String name) throws IOException, InterruptedException {
    var options =
        List.of(
            "-Dspark.ui.enabled=false",
            "-Dspark.master=local[1]",
            "-D" + PARTITIONS + "=1",
            "-Dspark.driver.host=127.0.0.1");
    var command = Runs.java(options, Line.class);
    command.addAll(List.of(folder.resolve("sample").toString(), folder.resolve(name).toString()));
    var runs = new Runs(folder);
    assertThat(runs.start(name, command).waitFor()).as(runs.log(name)).isZero();
  }

  /** Ingest and tokenize, the second from what the first published. */
  static final class Line {
    private Line() {}

    /** The sample's folder, then the one for all that is made of it. */
    public static void main(String[] args) throws IOException {
      System.exit(of(Path.of(args[0]), Path.of(args[1])));
    }

    /** The exit code of the first that fails, else 0. */
    static int of(Path sample, Path out) throws IOException {
      int code = run("ingest", INGEST.formatted(sample, out));
      return code == 0 ? run("tokenize", TOKENIZE.formatted(sample, out)) : code;
    }

    private static int run(String command, String settings) throws IOException {
      var file = Files.createTempFile(command, ".yaml");
      Files.writeString(file, settings);
      int code = Lorashear.commandLine().execute(command, "--config", file.toString());
      Files.delete(file);
      return code;
    }
  }
}
