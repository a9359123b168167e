package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.cli.Failures;
import io.lorashear.metrics.Invocation;
import io.lorashear.metrics.MetricsFile;
import io.lorashear.metrics.RunMetrics;
import io.lorashear.run.Stage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of small stages that succeed or fail, as a user manages them. */
class RunsCommandTest {
  record Settings(Path checkpoint) {}

  @TempDir Path folder;
  private Path work = Path.of("");
  private Path settings = Path.of("");

  private record Said(int code, String text) {}

  private static Said said(Object... arguments) {
    var text = new StringWriter();
    var out = new PrintWriter(text);
    var words = List.of(arguments).stream().map(Object::toString).toArray(String[]::new);
    int code = Lorashear.commandLine().setOut(out).setErr(out).execute(words);
    return new Said(code, text.toString());
  }

  private Stage stage(String name) {
    var read = new Settings(folder.resolve("dense"));
    return Stage.of("count", work.resolve(name), read, RunsCommandTest.class).resumes();
  }

  private static void write(Stage.Output output) throws IOException {
    Files.writeString(output.directory().resolve("n"), "1");
    Files.writeString(output.scratch().resolve("state"), "12345");
    try (var steps =
        output.measured(io.lorashear.run.Progress.silent()).begin("count", 4, "steps")) {
      steps.trained(2, Map.of("loss", 2.5));
    }
  }

  /** A run of two stages; the second one fails, and its state stays. */
  @BeforeEach
  void aRunThatFails() throws IOException {
    work = Files.createDirectory(folder.resolve("work"));
    settings = Files.writeString(folder.resolve("trace.yaml"), "a: 1\nb: 2\n");
    Invocation.of(List.of("doctor", "--json", settings.toString())).record();
    var run = new RunMetrics(work, "run");
    assertThatThrownBy(
            () ->
                run.all(
                    () -> {
                      run.stage("first", () -> stage("first").run(RunsCommandTest::write));
                      return run.stage(
                          "second",
                          () ->
                              stage("second")
                                  .parent("first", "ab".repeat(32))
                                  .run(
                                      output -> {
                                        write(output);
                                        throw new IOException("no luck");
                                      }));
                    }))
        .hasMessageContaining("could not write");
  }

  @Test
  void aListHasOneLineForEachRun() throws IOException {
    var said = said("runs", "list", folder);
    assertThat(said.code()).as(said.text()).isZero();
    assertThat(said.text().lines()).hasSize(2);
    assertThat(said.text().lines().toList().get(0))
        .matches("run +state +stage +started +time +model +last figure");
    assertThat(said.text().lines().toList().get(1))
        .startsWith(work + "  failed  run: second  ")
        .contains("  0:00:0", folder.resolve("dense").toString())
        .endsWith("  loss 2.500 at step 2 of 4");

    var json = new ObjectMapper().readTree(said("runs", "list", work, "--json").text());
    assertThat(json.path("runs")).hasSize(1);
    assertThat(json.at("/runs/0/state").asText()).isEqualTo("failed");
    assertThat(json.at("/runs/0/stage").asText()).isEqualTo("run: second");
    assertThat(json.at("/runs/0/seconds").isNumber()).isTrue();

    var none = said("runs", "list", folder.resolve("dense"));
    assertThat(none.code()).isEqualTo(Failures.BAD_INPUT);
    assertThat(none.text())
        .startsWith(
            folder.resolve("dense")
                + " holds no run: name folders that runs work in, or folders that contain such");
  }

  @Test
  void aRunIsShownWithItsStagesAndWhatComesNext() {
    var lines = said("runs", "show", work).text().lines().toList();
    assertThat(lines)
        .contains(
            "command: lorashear doctor --json %s, in %s".formatted(settings, Invocation.here()),
            "count (first): finished, 0:00:00, loss 2.500 at step 2 of 4",
            "count (second): failed, 0:00:00, loss 2.500 at step 2 of 4",
            "  model: " + folder.resolve("dense"),
            "next: count (second) goes on, or begins anew by: lorashear runs resume " + work)
        .anyMatch(line -> line.startsWith("  output: " + work.resolve("first") + " ("));
  }

  @Test
  void itIsStartedAgainByItsCommandUnlessItsSettingsChanged() throws IOException {
    Files.writeString(settings, "a: 1\nb: 3\n");
    var refused = said("runs", "resume", work);
    assertThat(refused.code()).isEqualTo(Failures.BAD_INPUT);
    assertThat(refused.text().lines())
        .startsWith(
            "the settings of %s have changed since it was started:".formatted(work),
            "  - b: 2",
            "  + b: 3");

    Files.writeString(settings, "a: 1\nb: 2\n");
    var again = said("runs", "resume", work);
    assertThat(again.text())
        .startsWith("lorashear doctor --json " + settings + System.lineSeparator())
        .contains("trace.yaml"); // doctor takes no file: the words arrived as they were given
    assertThat(again.code()).isEqualTo(Failures.BAD_INPUT);
    var done = said("runs", "resume", work.resolve("first"));
    assertThat(done.text())
        .startsWith(work.resolve("first") + " is finished: nothing is left to do");
  }

  @Test
  void onlyWhatIsOfNoUseGoes() throws IOException {
    var state = work.resolve(".first.scratch-0123456789abcdef");
    Files.writeString(Files.createDirectory(state).resolve("state"), "123");
    var begun = Files.createDirectory(work.resolve(".third.unfinished"));
    var replaced = Files.createDirectory(work.resolve(".fourth.replaced"));
    var notes = Files.createDirectory(work.resolve("notes"));
    var resumes =
        work.resolve(
            ".second.scratch-"
                + stage("second").parent("first", "ab".repeat(32)).identity().substring(0, 16));

    var listed = said("runs", "gc", work).text();
    assertThat(listed.lines())
        .contains(
            "goes  3 bytes    %s: first is published".formatted(state),
            "goes  0 bytes    %s: third was stopped, and would not go on from it".formatted(begun),
            "stays 0 bytes    %s: it is the only copy of fourth".formatted(replaced),
            "stays 5 bytes    %s: the stage of second goes on from it".formatted(resumes),
            "3 bytes would be removed by --yes");
    assertThat(state).exists();

    assertThat(said("runs", "gc", work, "--yes").text()).endsWith("3 bytes removed\n");
    assertThat(List.of(state, begun)).noneMatch(Files::exists);
    assertThat(List.of(replaced, notes, resumes, work.resolve("first/manifest.json")))
        .allMatch(Files::exists);

    said("runs", "gc", work, "--yes", "--states");
    assertThat(resumes).doesNotExist();
    assertThat(work.resolve("first/manifest.json")).exists();
  }

  @Test
  void aRunningRunIsLeftAlone() {
    var run = MetricsFile.ofRun(work, "run");
    assertThat(said("runs", "gc", work, "--yes").text())
        .startsWith(work + " is running and still writes: stop it first");
    assertThat(said("runs", "resume", work).text())
        .startsWith(work + " is running and still writes: stop it first");
    run.done();
    run.leave();
  }
}
