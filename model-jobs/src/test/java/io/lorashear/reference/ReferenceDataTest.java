package io.lorashear.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("reference")
class ReferenceDataTest {
  @Test
  void theFoldersOfNumbersAndCorporaAreThere() {
    assertThat(ReferenceData.path("reference")).isDirectory();
    assertThat(ReferenceData.path("data")).isDirectory();
  }

  @Test
  void smolLm2IsAGgufFile() throws IOException {
    try (var file = new RandomAccessFile(ReferenceData.smolLm2().toFile(), "r")) {
      var magic = new byte[4];
      file.readFully(magic);
      assertThat(magic).asString().isEqualTo("GGUF");
    }
  }
}
