package io.lorashear.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.metrics.MetricsFile;
import io.lorashear.metrics.StageMetrics;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressTest {
  final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void aLogGetsElevenLinesAtMost() {
    assertThat(lines(10))
        .hasSize(11)
        .startsWith("score: 1000 rows", "score: 100 of 1000 rows, loss 2.5")
        .endsWith("score: 1000 rows in 10 s, loss 2.5");
  }

  @Test
  void shortWorkGetsNoLineEachInstant() {
    assertThat(lines(0.5)).containsExactly("score: 1000 rows", "score: 1000 rows in 0 s, loss 2.5");
    assertThat(lines(2.5))
        .containsExactly(
            "score: 1000 rows",
            "score: 400 of 1000 rows, loss 2.5",
            "score: 800 of 1000 rows, loss 2.5",
            "score: 1000 rows in 2 s, loss 2.5");
  }

  /** Of a thousand rows that take so long in all. */
  private List<String> lines(double seconds) {
    var nanos = new AtomicLong(7);
    bytes.reset();
    try (var work = Progress.lines(out, nanos::get).begin("score", 1000, "rows")) {
      work.note("loss 2.5");
      for (int i = 0; i < 1000; i++) {
        nanos.addAndGet(Math.round(seconds * 1_000_000));
        work.step(1);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void stepsThatAreDoneAgainAreToldAsProgress(@TempDir Path folder) {
    var output = folder.resolve("out");
    train(output, 3, 0);
    train(output, 5, 2);
    var told = StageMetrics.read(MetricsFile.of(output)).orElseThrow();
    assertThat(told.steps())
        .extracting(line -> line.path("step").asInt())
        .containsExactly(1, 2, 3, 4, 5);
    assertThat(told.all("progress"))
        .extracting(line -> line.path("done").asInt() + " at " + line.path("perSecond").asDouble())
        .containsExactly("1 at 0.5", "2 at 0.5", "3 at 0.5");
  }

  /** As a killed run and its resumption, a step in so many seconds. */
  private static void train(Path output, int steps, long seconds) {
    var nanos = new AtomicLong();
    var clock = InstantSource.system();
    var metrics = MetricsFile.begin(output, "recover", "aa", Optional.empty(), true, clock);
    var work = new MeasuredWork(new SilentWork(), metrics, nanos::get, "recover", 5, "steps");
    for (int step = 1; step <= steps; step++) {
      nanos.addAndGet(seconds * 1_000_000_000);
      work.trained(step, Map.of("loss", 2.5));
      work.step(1);
    }
    metrics.leave();
  }

  @Test
  void workOfUnknownSizeIsCounted() {
    try (var work = Progress.to(out, false).begin("read", -1, "documents")) {
      work.step(12);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .matches("read\\R" + "read: 12 documents in \\d+ s\\R");
  }

  @Test
  void aTerminalGetsABar() {
    try (var work = Progress.to(out, true).begin("score", 4, "rows")) {
      work.step(4);
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .contains("score")
        .contains("100%")
        .contains("4/4");
  }

  @Test
  void sizesAreReadable() {
    assertThat(DiskSpace.text(999)).isEqualTo("999 bytes");
    assertThat(DiskSpace.text(1_500)).isEqualTo("1.5 kB");
    assertThat(DiskSpace.text(999_960)).isEqualTo("1.0 MB");
    assertThat(DiskSpace.text(13_500_000_000L)).isEqualTo("13.5 GB");
  }

  @Test
  void tooSmallADiskIsNamedBeforeTheWork() {
    var folder = Path.of("not", "yet", "there");
    DiskSpace.require(folder, 1, "the export");
    assertThatThrownBy(() -> DiskSpace.require(folder, Long.MAX_VALUE, "the export"))
        .hasMessageStartingWith("the export needs about 9223.4 PB")
        .hasMessageContaining(" in " + folder + ", but ")
        .hasMessageEndingWith(" are free: make room or choose another folder");
  }
}
