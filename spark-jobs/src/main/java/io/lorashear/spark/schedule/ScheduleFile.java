package io.lorashear.spark.schedule;

import static io.lorashear.spark.pipeline.PipelineFile.put;

import io.lorashear.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A settings file of a schedule. Each stage's paths are laid over it, so that a stage sees exactly
 * the settings its own command would.
 */
public final class ScheduleFile {
  private final Path yaml;
  private final List<String> overrides;

  /**
   * Nothing is read yet.
   *
   * @param overrides {@code key=value}, stronger than the file
   */
  public ScheduleFile(Path yaml, List<String> overrides) {
    this.yaml = yaml;
    this.overrides = List.copyOf(overrides);
  }

  /**
   * The settings, every mistake in them reported at once.
   *
   * @throws io.lorashear.InputException where there are mistakes
   */
  public ScheduleSettings load() {
    return with(List.of());
  }

  /** The settings with the paths of one step. */
  ScheduleSettings with(List<String> step) {
    var all = new ArrayList<>(overrides);
    for (var key :
        List.of(
            "ingest.tokenizer",
            "ingest.output",
            "tokenize.documents",
            "tokenize.tokenizer",
            "tokenize.output",
            "perplexity.corpus",
            "perplexity.checkpoint",
            "perplexity.output",
            "resample.corpus",
            "resample.dense",
            "resample.pruned",
            "resample.output",
            "recover.checkpoint",
            "recover.corpus",
            "recover.output")) {
      put(all, key, Path.of("unplaced"));
    }
    all.addAll(step);
    return Settings.load(ScheduleSettings.class, yaml, all);
  }
}
