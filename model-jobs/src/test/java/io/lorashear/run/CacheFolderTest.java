package io.lorashear.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheFolderTest {
  @TempDir Path folder;

  @Test
  void onlyWhatThisProgramKeepsIsCleaned() throws IOException {
    Files.createDirectories(folder.resolve("djl/pytorch"));
    Files.writeString(folder.resolve("djl/pytorch/lib.so"), "12345");
    Files.createDirectories(folder.resolve(".demo-model.scratch-0123"));
    Files.writeString(folder.resolve("demo-model.run.json"), "{}");
    Files.writeString(folder.resolve("thesis.tex"), "years of work");
    var cache = new CacheFolder(folder);
    assertThat(cache.parts())
        .containsExactly(
            new CacheFolder.Part(folder.resolve(".demo-model.scratch-0123"), 0),
            new CacheFolder.Part(folder.resolve("demo-model.run.json"), 2),
            new CacheFolder.Part(folder.resolve("djl"), 5));
    cache.clean();
    assertThat(folder).isDirectoryNotContaining(entry -> !entry.endsWith("thesis.tex"));
    assertThat(folder.resolve("thesis.tex")).exists();
  }

  @Test
  void aCacheThatWasNeverFilledIsClean() {
    var cache = new CacheFolder(folder.resolve("none"));
    cache.clean();
    assertThat(cache.parts()).isEmpty();
  }
}
