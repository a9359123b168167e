package io.lorashear.spark.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.sampleworld.SampleWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
  @TempDir Path folder;

  @Test
  void aSampleThatWasChangedIsRefusedBeforeAnythingReadsIt() throws IOException {
    var sample = folder.resolve("sample");
    SampleWorld.write(sample, 1, 20);
    var tokenizer = sample.resolve(SampleWorld.TOKENIZER);
    Files.writeString(tokenizer, Files.readString(tokenizer, UTF_8).replace('a', 'b'), UTF_8);
    assertThatThrownBy(() -> Demo.plan(Path.of("../conf"), folder, folder.resolve("cache"), false))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s was changed after it was published (its SHA-256 is not the manifest's):"
                + " run sample again",
            tokenizer);
  }
}
