package io.lorashear.spark.pipeline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A settings file of the line. Each stage's paths are laid over the file, so that a stage sees
 * exactly the settings its own command would; the file may not name them itself.
 */
public final class PipelineFile {
  private final Path yaml;
  private final Overrides overrides;

  /**
   * Nothing is read yet.
   *
   * @param overrides stronger than the file
   */
  public PipelineFile(Path yaml, Overrides overrides) {
    this.yaml = yaml;
    this.overrides = overrides;
  }

  /**
   * The settings, every mistake in them reported at once.
   *
   * @throws io.lorashear.InputException where there are mistakes
   */
  public PipelineSettings load() {
    var unplaced = new WorkFolder(Path.of("work"));
    var unread = paths(Path.of("model"), unplaced);
    putTeacher(unread, "recover", unplaced);
    putTeacher(unread, "instruct", unplaced);
    var first = read(unread);
    return read(fixed(first));
  }

  /** The settings as a file may give them, without those that follow. */
  public ObjectNode given(PipelineSettings loaded) {
    return Settings.json(loaded, fixed(loaded));
  }

  /** The settings with the paths of one step instead of those of {@link #load}. */
  PipelineSettings with(PipelineSettings loaded, List<String> step) {
    return read(fixed(loaded), step);
  }

  private static List<String> fixed(PipelineSettings known) {
    var all = paths(known);
    all.add("resample.sources=" + known.texts());
    all.add("instructSubset.sources=" + known.instructions());
    return all;
  }

  private PipelineSettings read(List<String> fixed) {
    return read(fixed, List.of());
  }

  private PipelineSettings read(List<String> fixed, List<String> step) {
    return Settings.load(
        PipelineSettings.class,
        yaml,
        overrides.and(Overrides.fixed(fixed)).and(Overrides.implied(step)));
  }

  /** With those of the teachers that are learnt from. */
  private static List<String> paths(PipelineSettings known) {
    var work = new WorkFolder(known.work());
    var paths = paths(known.model(), work);
    if (known.recover().distillation().weight() > 0) {
      putTeacher(paths, "recover", work);
    }
    if (known.instruct().distillation().weight() > 0) {
      putTeacher(paths, "instruct", work);
    }
    return paths;
  }

  private static void putTeacher(List<String> paths, String stage, WorkFolder work) {
    put(paths, stage + ".distillation.teacher", work.teacher(stage));
  }

  private static List<String> paths(Path model, WorkFolder work) {
    var paths = new ArrayList<String>();
    put(paths, "ingest.tokenizer", model);
    put(paths, "ingest.output", work.documents());
    put(paths, "tokenize.documents", work.documents());
    put(paths, "tokenize.tokenizer", model);
    put(paths, "tokenize.output", work.corpus());
    put(paths, "analyze.checkpoint", model);
    put(paths, "analyze.corpus", work.corpus());
    put(paths, "analyze.output", work.profile());
    put(paths, "prune.checkpoint", model);
    put(paths, "prune.corpus", work.corpus());
    put(paths, "prune.profile", work.profile());
    put(paths, "prune.output", work.pruned());
    put(paths, "perplexity.corpus", work.corpus());
    put(paths, "perplexity.checkpoint", model);
    put(paths, "perplexity.output", work.losses("dense"));
    for (var stage : List.of("resample", "instructSubset")) {
      put(paths, stage + ".corpus", work.corpus());
      put(paths, stage + ".dense", work.losses("dense"));
      put(paths, stage + ".pruned", work.losses("pruned"));
      put(paths, stage + ".output", work.subset(stage));
    }
    for (var stage : List.of("recover", "instruct")) {
      put(paths, stage + ".checkpoint", work.pruned());
      put(paths, stage + ".corpus", work.corpus());
      put(paths, stage + ".output", work.recovered(stage));
    }
    paths.add("instruct.stage=instruct");
    put(paths, "evaluate.checkpoint", model);
    put(paths, "evaluate.output", work.evaluation("dense"));
    return paths;
  }

  /**
   * The settings of a model's own tokenizer; of a GGUF file it is written out of the metadata.
   *
   * @throws io.lorashear.InputException if there is no such model, or it brings none
   */
  public static List<String> tokenizer(Path model) {
    try (var checkpoint = Checkpoint.open(model)) {
      var tokenizer = checkpoint.tokenizer();
      var settings = new ArrayList<String>();
      put(settings, "ingest.tokenizer", tokenizer);
      put(settings, "tokenize.tokenizer", tokenizer);
      return settings;
    }
  }

  /** Adds the override that sets {@code key} to {@code path}. */
  public static void put(List<String> overrides, String key, Path path) {
    overrides.add(Overrides.quoted(key, path));
  }
}
