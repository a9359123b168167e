package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.tokenizer.SmallTokenizers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LauncherTest {

  /** All but the vector module: MLlib alone uses it, and Java warns of it at every start. */
  @Test
  void theLauncherGivesJavaTheFlagsThatEverySparkNeeds() throws IOException {
    var given = Files.readAllLines(Path.of("..", "bin", "spark-flags"));
    var needed = List.of(JavaModuleOptions.defaultModuleOptions().strip().split("\\s+"));
    assertThat(needed).hasSizeGreaterThan(15);
    assertThat(given)
        .containsAll(
            needed.stream().filter(flag -> !flag.endsWith("=jdk.incubator.vector")).toList());
  }

  @Test
  void everyCommandShowsAnExampleAndItsExitCodes() {
    var commands = Lorashear.commandLine().getSubcommands();
    assertThat(commands).hasSize(33);
    commands.forEach(
        (name, command) ->
            assertThat(command.getUsageMessage())
                .as(name)
                .containsPattern("Examples?:\\R +lorashear " + name + " ")
                .containsPattern(
                    "Exit codes:\\R +0 +done\\R +1 +the work failed.*\\R +2 +bad input")
                .doesNotContain("Everything at once"));
  }

  @Test
  void aMistypedCommandNamesTheNearest() {
    assertThat(usageError("smaple"))
        .isEqualToNormalizingNewlines(
            """
            there is no command smaple; did you mean sample?
            lorashear --help shows what there is
            """);
  }

  @ParameterizedTest
  @CsvSource({
    "injest --config x --explain 5, injest, ingest",
    "-x prnue --set=a=b y, prnue, prune",
    "exprot --help, exprot, export",
    "--help exprot, exprot, export",
    "exprot --version, exprot, export"
  })
  void aMistypedCommandIsNamedAsSuchWhateverStandsBehindIt(
      String words, String typed, String meant) {
    assertThat(usageError(words.split(" ")))
        .isEqualToNormalizingNewlines(
            """
            there is no command %s; did you mean %s?
            lorashear --help shows what there is
            """
                .formatted(typed, meant));
  }

  @Test
  void anOptionOnTheWrongSideOfTheCommandIsToldWhereItBelongs() {
    assertThat(usageError("--config", "prune"))
        .startsWith("--config stands before the command: write it behind prune\n");
    assertThat(usageError("--sett"))
        .startsWith("there is no option --sett, and no command is named\n");
    assertThat(usageError("ingest", "--master", "local", "--config", "x"))
        .startsWith(
            "--master stands behind the command: write bin/lorashear --master URL COMMAND\n");
  }

  @ParameterizedTest
  @CsvSource({
    "ingest --config none.yaml --explain -1, --explain is -1: give at least 1",
    "ingest --config none.yaml --explain 0, --explain is 0: give at least 1",
    "trace s --corpus c --documents d --tokenizer t --token -2, --token is -2: give at least 0",
    "trace s --corpus c --documents d --tokenizer t --sequence -1, --sequence is -1: give at least"
        + " 0",
    "compare a b --buckets 0, --buckets is 0: give at least 1",
    "compare a b --resamples -5, --resamples is -5: give at least 1",
    "generate m --prompt p --tokens 0, --tokens is 0: give at least 1",
    "plan prune m --length 1, --length is 1: give at least 2",
    "plan prune m --sources 0, --sources is 0: give at least 1",
    "bench graph --repetitions 0, --repetitions is 0: give at least 1",
    "bench graph --lora-rank -1, --lora-rank is -1: give at least 1",
  })
  void aNumberThatCountsNothingIsRefused(String words, String message) {
    assertThat(usageError(words.split(" "))).isEqualToNormalizingNewlines(message + "\n");
  }

  @Test
  void pathsWrittenForAShellAreRefusedBeforeAFolderOfThatNameIsMade() {
    assertThat(usageError("sample", "--out=~/world"))
        .contains(
            "--out",
            "~/world has a ~ or a $, which only a shell puts in: write the path out, "
                + System.getProperty("user.home")
                + "/world");
    assertThat(usageError("sample", "--out", "")).contains("--out", "the path is empty: give one");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          prune --config x --recipe bset   | --recipe is bset: choose one of paper, best; did you mean best?
          prune --config x --device cuda   | --device is cuda: choose one of cpu, gpu, auto
          plan prnue m                     | STAGE is prnue: choose one of prune, sparsify, recover, analyze, pretrain, evaluate, perplexity, run; did you mean prune?
          sample --out o --documents many  | --documents is many: a whole number is needed
          generate m --prompt p --top-p x  | --top-p is x: a number is needed
          """)
  void aWordThatAnOptionCannotBeIsToldWithThoseItCan(String words, String message) {
    assertThat(usageError(words.split(" +"))).startsWith(message + "\n");
  }

  @Test
  void aModelThatIsNotThereIsBadInputForAPlanToo() {
    assertThat(usageError("plan", "prune", "gone")).startsWith("gone does not exist: give a");
  }

  @Test
  void aHeapThatSparkCannotBeginWithIsToldByItsVariable() {
    assertThatThrownBy(() -> Session.requireHeap(290L << 20))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "this command runs on Spark, which needs a heap of 480m or more; it has about 290m: set"
                + " LORASHEAR_HEAP higher, for example LORASHEAR_HEAP=2g");
    Session.requireHeap(450L << 20);
  }

  @Test
  void aMistypedOptionNamesTheNearestAlsoWhereItIsThenMissed() {
    assertThat(usageError("prune", "--confg", "x.yaml", "--sett=a=b"))
        .isEqualToNormalizingNewlines(
            """
            there is no option --confg; did you mean --config?
            there is no option --sett; did you mean --set?
            lorashear prune --help shows what there is
            """);
    assertThat(usageError("prune", "--zzzzzzz")).startsWith("there is no option --zzzzzzz\n");
  }

  @Test
  void whatIsMissingOrTooMuchIsNamed() {
    assertThat(usageError("prune")).startsWith("Missing required option: '--config=FILE'");
    assertThat(usageError("prune", "--config", "x", "y"))
        .startsWith("y: nothing of lorashear prune takes it");
    assertThat(usageError("prune", "--config", "x", "--device", "tpu"))
        .contains("--device")
        .contains("tpu")
        .contains("cpu");
  }

  @Test
  void debugMayStandAnywhere() {
    var told = new StringWriter();
    var code =
        Lorashear.commandLine()
            .setErr(new PrintWriter(told))
            .execute("inspect", "no-such-model", "--debug");
    assertThat(code).isEqualTo(2);
    assertThat(told.toString()).contains("no-such-model does not exist").contains("\tat ");
  }

  @Test
  void aDryRunTellsWhatIsThereAndWritesNothing(@TempDir Path folder) throws IOException {
    Files.createDirectories(folder.resolve("in/a"));
    var line = "{\"text\": \"oak\"}\n";
    Files.writeString(folder.resolve("in/a/one.jsonl"), line);
    Files.writeString(folder.resolve("in/a/two.jsonl"), line);
    Files.writeString(folder.resolve("in/a/three.txt"), "1");
    SmallTokenizers.byteLevel(folder);
    var settings =
        Files.writeString(
            folder.resolve("s.yaml"),
            """
            sources: [{corpus: openwebtext, paths: ["%1$s/in/*/*.jsonl"]}]
            tokenizer: %1$s/tokenizer.json
            output: %1$s/out
            """
                .formatted(folder));
    var told = new StringWriter();
    var code =
        Lorashear.commandLine()
            .setOut(new PrintWriter(told))
            .execute("ingest", "--config", settings.toString(), "--dry-run");
    assertThat(code).isZero();
    assertThat(told.toString())
        .startsWith("ingest: the settings are in order; with them it would use")
        .contains("/in/*/*.jsonl: %d bytes in 2 files".formatted(2 * line.length()))
        .containsPattern("tokenizer.json: [0-9.]+ kB in 1 file")
        .containsPattern("/out: to be written, up to about 1.0 MB; .* are free there");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aDryRunFailsLikeTheRunWould(@TempDir Path folder) throws IOException {
    var real = folder.toRealPath();
    Files.createDirectories(real.resolve("in"));
    Files.writeString(real.resolve("in/one.jsonl"), "{\"text\": \"oak\"}\n");
    var settings =
        Files.writeString(
            real.resolve("s.yaml"),
            """
            sources: [{corpus: openwebtext, paths: ["%1$s/in", "%1$s/gone"]}]
            tokenizer: %1$s/tokenizer.json
            output: %1$s/in/out
            """
                .formatted(real));
    var ingest = List.of("ingest", "--config", settings.toString(), "--dry-run", "--set");
    var missing =
        """
        %1$s/tokenizer.json: no such file; give the tokenizer.json that came with the model
        %1$s/gone: no such file or folder (source openwebtext): correct its path in the settings
        """
            .formatted(real);
    assertThat(usageError(words(ingest, "output=%s/out".formatted(real))))
        .isEqualToNormalizingNewlines(missing);
    SmallTokenizers.byteLevel(real);
    assertThat(usageError(words(ingest, "sources[0].paths=[%s/in]".formatted(real))))
        .isEqualToNormalizingNewlines(
            """
            output is %1$s/in/out, which is sources[0].paths[0] itself or inside of it (%1$s/in): what is written there would be read, so name a folder outside
            """
                .formatted(real));
    assertThat(real.resolve("in/out")).doesNotExist();
  }

  private static String[] words(List<String> words, String last) {
    var all = new ArrayList<>(words);
    all.add(last);
    return all.toArray(String[]::new);
  }

  @Test
  void theDemoTellsItsStagesBeforehand(@TempDir Path folder) {
    var told = new StringWriter();
    System.setProperty("lorashear.home", "..");
    try {
      var code =
          Lorashear.commandLine()
              .setOut(new PrintWriter(told))
              .execute("demo", "--out", folder.resolve("demo").toString(), "--dry-run");
      assertThat(code).isZero();
    } finally {
      System.clearProperty("lorashear.home");
    }
    assertThat(told.toString())
        .contains("sample, 400 documents a source", "recover round 1", "to be done")
        .containsPattern("disk: up to 100.0 MB; .* are free");
    assertThat(folder.resolve("demo")).doesNotExist();
  }

  private static String usageError(String... arguments) {
    var told = new StringWriter();
    var code = Lorashear.commandLine().setErr(new PrintWriter(told)).execute(arguments);
    assertThat(code).isEqualTo(2);
    return told.toString();
  }

  @Test
  void badInputIsToldWithoutAStackTrace() {
    var told = new StringWriter();
    var code =
        Lorashear.commandLine().setErr(new PrintWriter(told)).execute("inspect", "no-such-model");
    assertThat(code).isEqualTo(2);
    assertThat(told.toString())
        .startsWith("no-such-model does not exist")
        .doesNotContain("\tat ")
        .hasLineCount(1);
  }
}
