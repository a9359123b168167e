package io.lorashear.spark.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.metrics.RunMetrics;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageRunsTest {
  record Settings(int number) {}

  @TempDir Path folder;
  private Path record;

  @BeforeEach
  void paths() {
    record = folder.resolve("result.run.json");
  }

  private PublishedDirectory result(int number) {
    var runs = new StageRuns("run", JsonFile.object(), new RunMetrics(folder, "run"), text -> {});
    return runs.run(
        "stage",
        () ->
            Stage.of("stage", folder.resolve("result"), new Settings(number), StageRunsTest.class)
                .overwrite(true)
                .run(output -> {}));
  }

  @Test
  void theRecordOfAResultThatIsThereStays() throws IOException {
    result(1);
    var first = Files.readString(record);
    result(1);
    assertThat(record).hasContent(first);
    result(2);
    assertThat(Files.readString(record)).isNotEqualTo(first);
  }

  /** A run can be killed between the two. */
  @Test
  void aResultWithoutItsRecordGetsOne() throws IOException {
    var hash = result(1).hash();
    Files.delete(record);
    result(1);
    assertThat(JsonFile.read(record).path("outputHash").asText()).isEqualTo(hash);
  }

  @Test
  void aClockThatStepsBackChangesNothing() throws IOException {
    result(1);
    var first = Files.readString(record);
    var later = FileTime.from(Instant.now().plus(Duration.ofHours(1)));
    Files.setLastModifiedTime(folder.resolve("result/manifest.json"), later);
    result(1);
    assertThat(record).hasContent(first);
  }
}
