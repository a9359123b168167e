package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.adapt.AdapterSettings;
import io.lorashear.contest.ContestSettings;
import io.lorashear.evaluate.EvaluateSettings;
import io.lorashear.method.PruneSettings;
import io.lorashear.prune.AnalyzeSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.spark.enlarge.EnlargeSettings;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.pipeline.PipelineSettings;
import io.lorashear.spark.resample.ResampleSettings;
import io.lorashear.spark.schedule.ScheduleSettings;
import io.lorashear.spark.tokenize.CountTokensSettings;
import io.lorashear.spark.tokenize.RetokenizeSettings;
import io.lorashear.spark.tokenize.TokenizeSettings;
import io.lorashear.sparse.SparsifySettings;
import io.lorashear.train.PretrainSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** docs/settings.md says what the settings records say. */
class SettingsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "settings.md");
  private static final String MARK = "<!-- made of the settings records by SettingsPageTest -->\n";
  private static final String WRITE = "lorashear.write";

  @Test
  void thePageSaysWhatTheRecordsSay() throws IOException, ClassNotFoundException {
    var page = Files.readString(PAGE);
    var before = page.substring(0, page.indexOf(MARK) + MARK.length());
    var units = Units.read(Path.of("src", "test", "resources", "settings-units.txt"));
    var now = before + new SettingsPage(commands(), units).text();
    if (System.getProperty(WRITE, "").equals("settings")) {
      Files.writeString(PAGE, now);
    }
    assertThat(Files.readString(PAGE))
        .as(
            "docs/settings.md is not what the settings records say: write it again by mvn verify"
                + " -pl spark-jobs -am -Dtest=SettingsPageTest"
                + " -Dsurefire.failIfNoSpecifiedTests=false -D%s=settings",
            WRITE)
        .isEqualTo(now);
  }

  /** Settings by their command. */
  static Map<String, Class<? extends Record>> commands() throws ClassNotFoundException {
    var commands = new LinkedHashMap<String, Class<? extends Record>>();
    commands.put("run", PipelineSettings.class);
    commands.put("schedule", ScheduleSettings.class);
    commands.put("contest", ContestSettings.class);
    commands.put("enlarge", EnlargeSettings.class);
    commands.put("ingest", IngestSettings.class);
    commands.put("tokenize", TokenizeSettings.class);
    commands.put("retokenize", RetokenizeSettings.class);
    commands.put("count", CountTokensSettings.class);
    commands.put("perplexity", PerplexitySettings.class);
    commands.put("resample", ResampleSettings.class);
    commands.put("analyze", AnalyzeSettings.class);
    commands.put("prune", PruneSettings.class);
    commands.put("sparsify", SparsifySettings.class);
    commands.put("recover", RecoverSettings.class);
    commands.put("lora", AdapterSettings.class);
    commands.put("evaluate", EvaluateSettings.class);
    commands.put(
        "evaluate --requests",
        Class.forName("io.lorashear.cli.EvaluateCommand$RequestSettings").asSubclass(Record.class));
    commands.put("pretrain", PretrainSettings.class);
    commands.put(
        "A task's file (conf/tasks)",
        Class.forName("io.lorashear.evaluate.TaskFile").asSubclass(Record.class));
    return commands;
  }
}
