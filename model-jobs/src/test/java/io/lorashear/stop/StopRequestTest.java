package io.lorashear.stop;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.cli.Failures;
import io.lorashear.metrics.MetricsFile;
import io.lorashear.metrics.StageMetrics;
import io.lorashear.metrics.StageMetrics.State;
import io.lorashear.run.PublishedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals to a real process. */
class StopRequestTest {
  @TempDir Path folder;

  private Process start(String work, String output) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Dai.djl.offline=true",
            "-cp",
            System.getProperty("java.class.path"),
            SignalledStage.class.getName(),
            work,
            folder.resolve(output).toString())
        .redirectErrorStream(true)
        .start();
  }

  private static void send(String signal, Process process) throws Exception {
    var kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  private static String rest(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes());
  }

  private StageMetrics metrics(String output) {
    return StageMetrics.read(MetricsFile.of(folder.resolve(output))).orElseThrow();
  }

  private List<String> names() throws IOException {
    try (var all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void trainingSavesItsStateAndResumesWithTheSameBytes() throws Exception {
    var process = start("train", "stopped");
    while (StageMetrics.read(MetricsFile.of(folder.resolve("stopped")))
        .filter(metrics -> !metrics.steps().isEmpty())
        .isEmpty()) { // no file yet, or no whole line
      assertThat(process.isAlive()).isTrue();
      Thread.sleep(1);
    }
    send("TERM", process);
    var text = rest(process);

    assertThat(process.waitFor()).as(text).isEqualTo(143);
    long last = metrics("stopped").steps().size();
    assertThat(last).isBetween(1L, SignalledStage.STEPS - 1L);
    var scratch = names().stream().filter(name -> name.startsWith(".stopped.scratch-")).toList();
    assertThat(scratch).hasSize(1);
    assertThat(folder.resolve(scratch.get(0)).resolve("step-%08d".formatted(last))).exists();
    assertThat(folder.resolve("stopped")).doesNotExist();
    assertThat(text)
        .contains("SIGTERM: stops as soon as its state is saved; a second signal ends it at once")
        .contains(
            "stopped by SIGTERM: signalled has not written %s. Left behind: %s ("
                .formatted(folder.resolve("stopped"), folder.resolve(scratch.get(0))))
        .contains("); the same command goes on from it, and deleting it gives the room back");
    assertThat(metrics("stopped").state()).isEqualTo(State.STOPPED);
    assertThat(metrics("stopped").failure()).isEqualTo("by SIGTERM");

    undisturbed("stopped");
    assertThat(metrics("stopped").lines())
        .anyMatch(line -> line.path("resumed").asBoolean(false))
        .filteredOn(line -> line.path("event").asText().equals("step"))
        .hasSize(SignalledStage.STEPS);
    undisturbed("whole");
    assertThat(hash("stopped")).isEqualTo(hash("whole"));
    assertThat(names())
        .containsExactly("stopped", "stopped.metrics.jsonl", "whole", "whole.metrics.jsonl");
  }

  private void undisturbed(String output) {
    var command = Failures.commandLine(new SignalledStage());
    assertThat(command.execute("train", folder.resolve(output).toString())).isZero();
  }

  private String hash(String output) {
    return PublishedDirectory.open(folder.resolve(output)).hash();
  }

  /** SIGTERM, because a program that a script starts in the background ignores SIGINT. */
  @Test
  void aSecondSignalEndsItAtOnce() throws Exception {
    var process = start("sleep", "out");
    var said = process.inputReader();
    assertThat(said.readLine()).isEqualTo("works");
    send("TERM", process);
    assertThat(said.readLine()).isEmpty();
    assertThat(said.readLine()).startsWith("SIGTERM: stops as soon as its state is saved;");
    process.getOutputStream().write('x');
    process.getOutputStream().flush();
    assertThat(said.readLine()).isEqualTo("was given a byte"); // it has not ended
    send("TERM", process);
    assertThat(said.readLine()).isEqualTo("a second signal: ends at once");
    assertThat(process.waitFor()).isEqualTo(143);
  }

  @Test
  void outsideStagesTheFirstSignalEndsIt() throws Exception {
    var process = start("no-stage", "out");
    assertThat(process.inputReader().readLine()).isEqualTo("works");
    send("TERM", process);
    assertThat(process.waitFor()).isEqualTo(143);
    assertThat(names()).isEmpty();
  }
}
