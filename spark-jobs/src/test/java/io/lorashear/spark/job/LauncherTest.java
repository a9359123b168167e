package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherTest {

  @Test
  void theLauncherGivesJavaTheFlagsSparkNeeds() throws IOException {
    var given = Files.readAllLines(Path.of("..", "bin", "spark-flags"));
    assertThat(given)
        .containsAll(List.of(JavaModuleOptions.defaultModuleOptions().strip().split("\\s+")));
  }

  @Test
  void everyCommandShowsAnExampleAndItsExitCodes() {
    var commands = Lorashear.commandLine().getSubcommands();
    assertThat(commands).hasSize(22);
    commands.forEach(
        (name, command) ->
            assertThat(command.getUsageMessage())
                .as(name)
                .containsPattern("Examples?:\\R +lorashear " + name + " ")
                .contains("Exit codes:", "0   done", "1   the work failed", "2   bad input"));
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
    Files.writeString(folder.resolve("in/a/one.jsonl"), "12345");
    Files.writeString(folder.resolve("in/a/two.jsonl"), "1234567");
    Files.writeString(folder.resolve("in/a/three.txt"), "1");
    var settings =
        Files.writeString(
            folder.resolve("s.yaml"),
            """
            sources: [{corpus: openwebtext, paths: ["%1$s/in/*/*.jsonl", "%1$s/gone"]}]
            tokenizer: %1$s/in/a/three.txt
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
        .contains("/in/*/*.jsonl: 12 bytes in 2 files")
        .contains("/gone: nothing there")
        .contains("three.txt: 1 bytes in 1 file")
        .containsPattern("/out: to be written, up to about 12 bytes; .* are free there");
    assertThat(folder.resolve("out")).doesNotExist();
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
