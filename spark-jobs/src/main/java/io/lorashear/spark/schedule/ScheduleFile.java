package io.lorashear.spark.schedule;

import static io.lorashear.spark.pipeline.PipelineFile.put;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A settings file of a schedule. Each stage's paths are laid over it, so that a stage sees exactly
 * the settings its own command would; the file may not name them itself.
 */
public final class ScheduleFile {
  private final Path yaml;
  private final Overrides overrides;

  /**
   * Nothing is read yet.
   *
   * @param overrides stronger than the file
   */
  public ScheduleFile(Path yaml, Overrides overrides) {
    this.yaml = yaml;
    this.overrides = overrides;
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
    return Settings.load(
        ScheduleSettings.class,
        yaml,
        overrides.and(Overrides.fixed(fixed())).and(Overrides.implied(step)));
  }

  /** The settings as a file may give them, without those that follow. */
  public ObjectNode given(ScheduleSettings loaded) {
    return Settings.json(loaded, fixed());
  }

  private static List<String> fixed() {
    var paths = new ArrayList<String>();
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
      put(paths, key, Path.of("unplaced"));
    }
    return paths;
  }
}
