package io.lorashear.spark.pipeline;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.FoundFiles;
import io.lorashear.run.Publication;
import io.lorashear.spark.ingest.Ingest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pipeline would do, for {@code --dry-run}: stages, sizes, disk space. Nothing is written.
 */
public final class Plan {
  private final PipelineSettings settings;
  private final List<String> lines = new ArrayList<>();

  private Plan(PipelineSettings settings) {
    this.settings = settings;
  }

  /**
   * The plan of a pipeline, for people.
   *
   * @param overwrite whether results of other inputs, settings or code may be replaced
   * @throws io.lorashear.InputException if the pipeline would fail before the work of its first
   *     stage
   */
  public static String of(PipelineFile file, boolean overwrite) {
    var settings = file.load();
    Pipeline.check(settings);
    var placed = StageSettings.of(settings).ingest(Checkpoint.tokenizerOf(settings.model()));
    Ingest.ready(placed).overwrite(overwrite).check();
    return new Plan(settings).text();
  }

  /**
   * The plan of a pipeline whose model is trained first.
   *
   * @param first lines about the stages before the pipeline
   */
  static String after(List<String> first, PipelineSettings settings) {
    var plan = new Plan(settings);
    plan.lines.addAll(first);
    plan.stages();
    return String.join(System.lineSeparator(), plan.lines);
  }

  private String text() {
    long parameters;
    long bytes;
    try (var checkpoint = Checkpoint.open(settings.model())) {
      parameters = checkpoint.graph().parameterCount();
      bytes = LinePlan.disk(settings, checkpoint.config());
    }
    lines.add("model %s: %,d parameters".formatted(settings.model(), parameters));
    for (var source : settings.ingest().sources()) {
      for (var path : source.paths()) {
        lines.add("source %s: %s: %s".formatted(source.label(), path, FoundFiles.at(path).text()));
      }
    }
    stages();
    disk(bytes);
    return String.join(System.lineSeparator(), lines);
  }

  private void stages() {
    var work = new WorkFolder(settings.work());
    stage("ingest", work.documents());
    stage("tokenize", work.corpus());
    if (settings.analyzes()) {
      stage("analyze", work.profile());
    } else {
      lines.add("%-36s %s".formatted("analyze", StageRuns.UNREAD));
    }
    stage("prune %.0f %%".formatted(100 * settings.prune().ratio()), work.pruned());
    stage("perplexity of dense", work.losses("dense"));
    stage("perplexity of pruned", work.losses("pruned"));
    for (int round = 0; round < settings.rounds(); round++) {
      var tokens = settings.resample().tokens();
      stage("resample round " + round + ", %,d tokens".formatted(tokens), subset(work, round));
      teacher(settings.recover(), work, "round-" + round);
      stage("recover round " + round, work.recovered("round-" + round));
    }
    teacher(settings.instruct(), work, "instruct");
    stage("recover instructions", work.recovered("instruct"));
    if (settings.ceiling()) {
      var names = WorkFolder.recoveries(settings.rounds(), !settings.instructions().isEmpty());
      names.forEach(name -> stage("ceiling " + name, work.ceiling(name)));
    }
    stage("evaluate", work.evaluation("recovered"));
    stage("report", work.report());
  }

  private void teacher(RecoverSettings learner, WorkFolder work, String name) {
    if (learner.distillation().reported()) {
      stage("teacher of " + name + ", top " + settings.teacherTop(), work.teacher(name));
    }
  }

  private static Path subset(WorkFolder work, int round) {
    return work.subset("round-" + round);
  }

  private void stage(String name, Path output) {
    lines.add(line(name, output));
  }

  static String line(String name, Path output) {
    boolean there = Files.isRegularFile(output.resolve(Publication.MANIFEST));
    return "%-36s %-13s %s".formatted(name, there ? "published" : "to be done", output);
  }

  private void disk(long bytes) {
    lines.add(
        "disk: up to %s for models and states, besides about the size of the corpora; %s are free"
            .formatted(DiskSpace.text(bytes), DiskSpace.text(DiskSpace.free(settings.work()))));
  }
}
