package io.lorashear.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownHashesTest {
  private static final int LARGE = 3 << 20;

  @TempDir Path folder;

  private Path file(byte value) throws IOException {
    var bytes = new byte[LARGE];
    Arrays.fill(bytes, value);
    return Files.write(folder.resolve("large"), bytes);
  }

  /** That it was not read again is seen where it was changed behind the file system's back. */
  @Test
  void aFileIsReadOnceForASizeAndATime() throws IOException {
    var hashes = KnownHashes.in(folder.resolve("cache"));
    var file = file((byte) 1);
    var when = Files.getLastModifiedTime(file);
    var first = hashes.of(file);
    assertThat(first).isEqualTo(Sha256.of(file));
    Files.setLastModifiedTime(file((byte) 2), when);
    assertThat(hashes.of(file)).isEqualTo(first);
    assertThat(hashes.of(folder.resolve("cache/../large"))).isEqualTo(first);
    Files.setLastModifiedTime(file, FileTime.fromMillis(when.toMillis() + 1));
    assertThat(hashes.of(file)).isEqualTo(Sha256.of(file)).isNotEqualTo(first);
    try (var kept = Files.list(folder.resolve("cache/hashes"))) {
      assertThat(kept).hasSize(1);
    }
  }

  @Test
  void smallFilesLeaveNothingBehind() throws IOException {
    var file = Files.writeString(folder.resolve("small"), "text");
    assertThat(KnownHashes.in(folder.resolve("cache")).of(file)).isEqualTo(Sha256.of("text"));
    assertThat(folder.resolve("cache")).doesNotExist();
  }

  @Test
  void aCacheThatCannotBeWrittenCostsNothingButTime() throws IOException {
    var file = file((byte) 1);
    var hashes = new KnownHashes(Files.writeString(folder.resolve("no-folder"), ""));
    assertThat(hashes.of(file)).isEqualTo(Sha256.of(file));
  }
}
