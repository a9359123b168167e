package io.lorashear.spark.schedule;

import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.ingest.Ingest;
import io.lorashear.spark.ingest.Ledger;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.SourceSettings;
import io.lorashear.spark.store.HadoopStorage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What a schedule would do, for {@code --dry-run}. Nothing is written. */
public final class SchedulePlan {
  private static final int TIMES = 5;

  private SchedulePlan() {}

  /**
   * The next times, the due runs, and what the next round would do; reads raw files to see whether
   * they are new.
   *
   * @throws io.lorashear.InputException if outputs of earlier rounds no longer exist
   */
  public static String of(ScheduleSettings settings, Instant now) {
    var history = History.of(settings.work());
    var state = State.of(history, settings);
    Round.check(settings, state);
    var lines = new ArrayList<String>();
    if (settings.cron().isPresent()) {
      times(settings, history, now, lines);
    } else {
      lines.add("times: none, as there is no cron in the settings: --once only");
    }
    history
        .running()
        .ifPresent(run -> lines.add("run %d is active, or was killed".formatted(run.number())));
    lines.add(
        "round %d would be next; the current model is %s".formatted(state.round(), state.model()));
    raw(settings, state, lines);
    stages(settings, state, lines);
    return String.join(System.lineSeparator(), lines);
  }

  private static void times(
      ScheduleSettings settings, History history, Instant now, List<String> lines) {
    var times = Schedule.times(settings);
    var due = settings.missed().due(times, history.handled().orElse(now), now);
    lines.add(
        "times since the last run: %d to run for, %d missed"
            .formatted(due.runs().size(), due.left().size()));
    var next = times.next(now);
    for (int i = 0; i < TIMES && next.isPresent(); i++) {
      lines.add("next run: " + Schedule.shown(times, next.get()));
      next = times.next(next.get());
    }
  }

  private static void raw(ScheduleSettings settings, State state, List<String> lines) {
    var configuration = HadoopStorage.configuration();
    var sources = settings.ingest().sources();
    var earlier =
        state.documents().stream().map(path -> Ledger.in(PublishedDirectory.open(path))).toList();
    var listed = Inputs.listed(configuration, sources, Ledger.sources(earlier));
    var present = Inputs.hashed(configuration, listed);
    var ledger = Ledger.of(present, earlier);
    Ingest.refuse(
        settings.ingest(),
        Inputs.among(configuration, sources, settings.ingest().limits(), ledger.read()));
    for (var source : sources) {
      lines.add(
          "source %s: %d new of %d files, %d no longer there"
              .formatted(
                  source.label(),
                  ledger.read().stream().filter(file -> isOf(source, file.source())).count(),
                  present.stream().filter(file -> isOf(source, file.source())).count(),
                  ledger.gone().stream().filter(file -> isOf(source, file.source())).count()));
    }
  }

  private static boolean isOf(SourceSettings source, String name) {
    return source.label().equals(name);
  }

  private static void stages(ScheduleSettings settings, State state, List<String> lines) {
    var folder = Round.folder(settings.work(), state.round());
    var stages = new ArrayList<>(List.of("documents", "corpus", "losses-current", "subset"));
    if (settings.recovery()) {
      stages.add("model");
    }
    for (var stage : stages) {
      var published = Round.published(folder.resolve(stage)) ? "published" : "to be done";
      lines.add("%-16s %-11s %s".formatted(stage, published, folder.resolve(stage)));
    }
  }
}
