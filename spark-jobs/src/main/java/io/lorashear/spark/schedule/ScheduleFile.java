package io.lorashear.spark.schedule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.settings.Key;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.perplexity.PerplexitySettings;
import io.lorashear.spark.resample.ResampleSettings;
import io.lorashear.spark.tokenize.TokenizeSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * A settings file of a schedule. Every round has its own paths between stages; the file must not
 * give them.
 */
public final class ScheduleFile {
  private final Path yaml;
  private final Overrides overrides;

  /**
   * A settings file; does not read it yet.
   *
   * @param overrides settings that take precedence over the file
   */
  public ScheduleFile(Path yaml, Overrides overrides) {
    this.yaml = yaml;
    this.overrides = overrides;
  }

  /**
   * The settings; all mistakes are reported at once.
   *
   * @throws io.lorashear.InputException if there are mistakes
   */
  public ScheduleSettings load() {
    return Settings.load(
        ScheduleSettings.class, yaml, overrides.and(Overrides.fixed(fixed(Path.of("unplaced")))));
  }

  /** The settings in the form of a file, without those that follow from others. */
  public ObjectNode given(ScheduleSettings loaded) {
    return Settings.json(loaded, fixed(Path.of("unplaced")));
  }

  /** Placeholders for the paths that differ by round. */
  private static List<String> fixed(Path unplaced) {
    var ingest = Key.of(ScheduleSettings::ingest);
    var tokenize = Key.of(ScheduleSettings::tokenize);
    var perplexity = Key.of(ScheduleSettings::perplexity);
    var resample = Key.of(ScheduleSettings::resample);
    var recover = Key.of(ScheduleSettings::recover);
    return List.of(
        ingest.then(IngestSettings::tokenizer).is(unplaced),
        ingest.then(IngestSettings::output).is(unplaced),
        tokenize.then(TokenizeSettings::documents).is(unplaced),
        tokenize.then(TokenizeSettings::tokenizer).is(unplaced),
        tokenize.then(TokenizeSettings::output).is(unplaced),
        perplexity.then(PerplexitySettings::corpus).is(unplaced),
        perplexity.then(PerplexitySettings::checkpoint).is(unplaced),
        perplexity.then(PerplexitySettings::output).is(unplaced),
        resample.then(ResampleSettings::corpus).is(unplaced),
        resample.then(ResampleSettings::dense).is(unplaced),
        resample.then(ResampleSettings::pruned).is(unplaced),
        resample.then(ResampleSettings::output).is(unplaced),
        recover.then(RecoverSettings::checkpoint).is(unplaced),
        recover.then(RecoverSettings::corpus).is(unplaced),
        recover.then(RecoverSettings::output).is(unplaced));
  }
}
