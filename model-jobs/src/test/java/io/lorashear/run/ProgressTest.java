package io.lorashear.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProgressTest {
  final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void aLogGetsElevenLinesAtMost() {
    try (var work = Progress.to(out, false).begin("score", 1000, "rows")) {
      work.note("loss 2.5");
      for (int i = 0; i < 1000; i++) {
        work.step(1);
      }
    }
    var lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines)
        .hasSize(11)
        .startsWith("score: 1000 rows", "score: 100 of 1000 rows, loss 2.5");
    assertThat(lines.get(10)).matches("score: 1000 rows in \\d+ s, loss 2.5");
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
