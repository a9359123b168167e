package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.cli.Failures;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.spark.enlarge.EnlargeSettings;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.pipeline.PipelineFile;
import io.lorashear.spark.resample.ResampleSettings;
import io.lorashear.spark.schedule.ScheduleFile;
import io.lorashear.spark.tokenize.CountTokensSettings;
import io.lorashear.spark.tokenize.RetokenizeSettings;
import io.lorashear.spark.tokenize.TokenizeSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What conf/ shows is what the commands take. */
class ExampleSettingsTest {

  private static final Map<String, Class<? extends Record>> TYPES =
      new TreeMap<>(
          Map.of(
              "enlarge", EnlargeSettings.class,
              "ingest", IngestSettings.class,
              "tokenize", TokenizeSettings.class,
              "retokenize", RetokenizeSettings.class,
              "count", CountTokensSettings.class,
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
    var nightly = Path.of("..", "conf", "kubernetes", "nightly.yaml");
    assertThat(new Yaml().<Map<String, Object>>load(Files.readString(nightly)).toString())
        .contains(
            "schedule=" + times,
            "timeZone=" + settings.zone(),
            "args=[schedule, /opt/lorashear/conf/schedule/nightly.yaml, --once]",
            "values=[%d, %d]".formatted(Failures.BAD_INPUT, ScheduleCommand.ACTIVE));
  }

  @Test
  void llamaOnOneAcceleratorTakesLessThanADay() {
    var told = new StringWriter();
    var line = Failures.commandLine(new PlanJob()).setOut(new PrintWriter(told));
    var yaml = "../conf/pipeline/llama-7b.yaml";
    assertThat(line.execute("run", yaml)).isZero();
    var plan = told.toString();
    assertThat(plan)
        .startsWith(
            "../conf/pipeline/llama-7b.config.json: 6,738,415,616 parameters, rows of 512 tokens;"
                + " computed, nothing of it is measured")
        .contains("A100 40 GB: every stage fits", "A100 80 GB: every stage fits")
        .contains("assumed: 40 % of the peaks", "6,500 questions a model");
    var hours = Pattern.compile("the pipeline .* ([0-9.]+) h +([0-9.]+) h").matcher(plan);
    assertThat(hours.find()).isTrue();
    double small = Double.parseDouble(hours.group(1));
    double large = Double.parseDouble(hours.group(2));
    // text alone: 4 products of 6.6e9 weights a token, of which a fifth is gone, at 125e12 a second
    double least = 3 * 20e6 * 4 * 2 * 6.6e9 * 0.8 / 125e12 / 3600 * 0.75;
    assertThat(small).isBetween(least, 24.0);
    assertThat(large).isBetween(least, small);
    assertThat(line.execute("run", yaml, "--length", "5")).isEqualTo(Failures.BAD_INPUT);
    assertThat(line.execute("run", yaml, "--share", "2")).isEqualTo(Failures.BAD_INPUT);
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
            "recover.lora.adapter is set, but every round of a run begins with fresh pairs:"
                + " take it out, or start pruning from it by prune.lora.adapter");
  }

  @Test
  void keysOfEarlierVersionsAreToldWithTheirNamesNow() {
    var line =
        new PipelineFile(
            Path.of("../conf/pipeline/smollm2-135m.yaml"),
            Overrides.given(
                List.of("ingest.exactDuplicates=false", "tokenize.validationShare=0.1")));
    assertThatThrownBy(line::load)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("ingest.exactDuplicates is called ingest.duplicates.exact now")
        .hasMessageContaining("tokenize.validationShare is called tokenize.validation.share now");
  }
}
