package io.lorashear.spark.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.contest.ContestFile;
import io.lorashear.settings.Overrides;
import io.lorashear.spark.schedule.ScheduleFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the record of a run says of its settings is a file that gives the same settings. */
class GivenSettingsTest {
  private static final Path CONF = Path.of("../conf");

  @TempDir Path folder;

  private Path written(ObjectNode settings) throws IOException {
    return Files.writeString(folder.resolve("settings.yaml"), settings.toPrettyString());
  }

  @Test
  void ofALine() throws IOException {
    var taught = "recover.distillation.weight=0.5";
    for (var given :
        List.of(
            List.of(taught),
            List.of(taught, "ceiling=true", "teacher=ceiling"),
            List.of("prune.unprunable=0"))) {
      var overrides = Overrides.given(given);
      var file = new PipelineFile(CONF.resolve("pipeline/smollm2-135m.yaml"), overrides);
      var settings = file.load();
      var again = new PipelineFile(written(file.given(settings)), Overrides.none());
      assertThat(again.load()).isEqualTo(settings);
    }
  }

  @Test
  void ofASchedule() throws IOException {
    var file = new ScheduleFile(CONF.resolve("schedule/nightly.yaml"), Overrides.none());
    var settings = file.load();
    var again = new ScheduleFile(written(file.given(settings)), Overrides.none());
    assertThat(again.load()).isEqualTo(settings);
  }

  @Test
  void ofAContest() throws IOException {
    var file = new ContestFile(CONF.resolve("contest/smollm2-135m.yaml"), Overrides.none());
    var settings = file.load();
    var again = new ContestFile(written(file.given(settings)), Overrides.none());
    assertThat(again.load()).isEqualTo(settings);
  }
}
