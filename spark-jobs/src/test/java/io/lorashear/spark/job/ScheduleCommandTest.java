package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.prune.Recipe;
import io.lorashear.settings.Overrides;
import io.lorashear.spark.schedule.ScheduleFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the command ends, for whoever starts it. */
class ScheduleCommandTest {
  @TempDir Path folder;

  private final StringWriter told = new StringWriter();

  @BeforeEach
  void settings() throws IOException {
    Files.createDirectories(folder.resolve("raw"));
    Files.writeString(folder.resolve("raw/a.jsonl"), "{\"text\": \"oak\"}\n");
    Files.writeString(
        folder.resolve("s.yaml"),
        """
        cron: 30 2 * * *
        zone: Europe/Berlin
        model: %1$s/dense
        pruned: %1$s/pruned
        work: %1$s/work
        ingest: {sources: [{corpus: other, name: tales, paths: [%1$s/raw]}]}
        """
            .formatted(folder));
  }

  @Test
  void anotherRunThatIsActiveHasACodeOfItsOwn() throws IOException {
    var file = Files.createDirectories(folder.resolve("work")).resolve("run.lock");
    try (var held = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var lock = held.lock()) {
      assertThat(lock.isValid()).isTrue();
      assertThat(run("--once")).isEqualTo(3);
    }
    assertThat(told.toString())
        .isEqualToNormalizingNewlines(
            "another run is active in %s; this one does nothing\n"
                .formatted(folder.resolve("work")));
    assertThat(folder.resolve("work/history")).doesNotExist();
  }

  private void model(String name) {
    var config = SmallModels.uneven();
    CheckpointWriter.write(folder.resolve(name), config, SmallModels.weights(config, 1), List.of());
  }

  @Test
  void aDryRunFailsWhereARoundWould() {
    var missing =
        "%s does not exist: give a Hugging Face directory (config.json, model.safetensors,"
            + " tokenizer.json) or a .gguf file\n";
    assertThat(run("--dry-run")).isEqualTo(2);
    assertThat(told.toString())
        .isEqualToNormalizingNewlines(
            missing.formatted(folder.resolve("dense"))
                + missing.formatted(folder.resolve("pruned")));
  }

  @Test
  void aDryRunTellsTimesAndWhatIsNewAndWritesNothing() {
    model("dense");
    model("pruned");
    assertThat(run("--dry-run")).isZero();
    assertThat(told.toString())
        .containsPattern("(next run: \\d{4}-\\d\\d-\\d\\d 0[23]:[03]0 CES?T \\(.*Z\\)\\R){5}")
        .contains(
            "times since the last run: 0 to run for, 0 missed",
            "round 0 would be next; the current model is " + folder.resolve("pruned"),
            "source tales: 1 new of 1 files, 0 no longer there",
            "model            to be done  " + folder.resolve("work/rounds/000000/model"));
    assertThat(folder.resolve("work")).doesNotExist();
  }

  @Test
  void aCronThatNamesNoTimesIsBadInput() {
    assertThat(run("--set", "cron=hourly")).isEqualTo(2);
    assertThat(told.toString())
        .contains(
            "cron is \"hourly\", which names no times (Cron expression contains 1 parts but we"
                + " expect one of [5]): give minute, hour, day, month and weekday, for example \"30"
                + " 2 * * *\" for half past two every night")
        .doesNotContain("\tat ");
  }

  @Test
  void aRecipeStandsOverTheFileAndUnderWhatIsSet() {
    model("dense");
    model("pruned");
    assertThat(run("--recipe", "best", "--dry-run")).isZero();
    var recipe = Recipe.BEST.schedule();
    var file = folder.resolve("s.yaml");
    assertThat(new ScheduleFile(file, Overrides.given(recipe)).load().recover().train().rows())
        .isEqualTo(1);
    assertThat(run("--recipe", "best", "--set", "recover.train.rows=0")).isEqualTo(2);
    assertThat(told.toString()).contains("rows is 0");
  }

  private int run(String... options) {
    var arguments = new String[options.length + 2];
    arguments[0] = "schedule";
    arguments[1] = folder.resolve("s.yaml").toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    var out = new PrintWriter(told);
    return Lorashear.commandLine().setOut(out).setErr(out).execute(arguments);
  }
}
