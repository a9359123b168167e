package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.cli.Failures;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.pipeline.PipelineFile;
import io.lorashear.spark.resample.ResampleSettings;
import io.lorashear.spark.schedule.ScheduleFile;
import io.lorashear.spark.tokenize.TokenizeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What conf/ shows is what the commands take. */
class ExampleSettingsTest {

  private static final Map<String, Class<? extends Record>> TYPES =
      new TreeMap<>(
          Map.of(
              "ingest", IngestSettings.class,
              "tokenize", TokenizeSettings.class,
              "perplexity", PerplexitySettings.class,
              "resample", ResampleSettings.class));

  @Test
  void everyExampleLoadsAndBeginsWithItsCommand() throws IOException {
    for (var stage : TYPES.entrySet()) {
      try (var files = Files.list(Path.of("..", "conf", stage.getKey()))) {
        var examples = files.toList();
        assertThat(examples).isNotEmpty();
        for (Path example : examples) {
          Settings.load(stage.getValue(), example, List.of());
          assertThat(Files.readAllLines(example).get(0))
              .isEqualTo(
                  "# bin/lorashear %1$s --config conf/%1$s/%2$s"
                      .formatted(stage.getKey(), example.getFileName()));
        }
      }
    }
  }

  @Test
  void theScheduleLoadsAndWhoeverStartsItKnowsItsCommandAndItsCodes() throws IOException {
    var folder = Path.of("..", "conf", "schedule");
    var yaml = folder.resolve("nightly.yaml");
    var settings = new ScheduleFile(yaml, Overrides.none()).load();
    assertThat(Files.readAllLines(yaml).get(0))
        .isEqualTo("# bin/lorashear schedule conf/schedule/nightly.yaml");
    var times = settings.cron().orElseThrow();
    var command = "bin/lorashear schedule conf/schedule/nightly.yaml --once";
    assertThat(folder.resolve("crontab"))
        .content()
        .contains("\n" + times + " cd ", command, "[ $? -eq " + ScheduleCommand.ACTIVE + " ]");
    assertThat(folder.resolve("airflow_dag.py"))
        .content()
        .contains(
            "schedule=\"" + times + "\"", command, "skip_on_exit_code=" + ScheduleCommand.ACTIVE);
    var job =
        new Yaml()
            .<Map<String, Object>>load(Files.readString(folder.resolve("kubernetes-cronjob.yaml")));
    assertThat(job.toString())
        .contains(
            "schedule=" + times,
            "timeZone=" + settings.zone(),
            "command=[" + command.replace(" ", ", ") + "]",
            "values=[%d, %d]".formatted(Failures.BAD_INPUT, ScheduleCommand.ACTIVE));
  }

  @Test
  void aLineWhoseRoundsWouldAllAddTheSameAdapterIsRefused() {
    var line =
        new PipelineFile(
            Path.of("../conf/pipeline/smollm2-135m.yaml"),
            Overrides.given(List.of("recover.lora.adapter=mine")));
    assertThatThrownBy(line::load)
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "recover.lora.adapter is set, but every round of the line begins with fresh pairs:"
                + " take it out, or start pruning from it by prune.lora.adapter");
  }
}
