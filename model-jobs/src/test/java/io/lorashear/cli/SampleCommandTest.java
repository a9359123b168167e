package io.lorashear.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SampleCommandTest {
  @Test
  void saysWhatItWrote(@TempDir Path folder) {
    var printed = new StringWriter();
    var out = folder.resolve("world");
    var code =
        new CommandLine(new SampleCommand())
            .setOut(new PrintWriter(printed, true))
            .execute("--out", out.toString(), "--seed", "2", "--documents", "20");
    assertThat(code).isZero();
    assertThat(printed.toString()).contains("wikipedia", "306 questions", out.toString());
    assertThat(out.resolve("truth.json")).isRegularFile();
  }

  @Test
  void helpShowsAnExample() {
    assertThat(new CommandLine(new SampleCommand()).getUsageMessage())
        .contains("lorashear sample --out /tmp/world --seed 1 --documents 400");
  }
}
