package io.lorashear.spark.job;

import io.lorashear.InputException;
import io.lorashear.prune.Recipe;
import io.lorashear.report.Report;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.schedule.Round;
import io.lorashear.spark.schedule.Schedule;
import io.lorashear.spark.schedule.ScheduleFile;
import io.lorashear.spark.schedule.SchedulePlan;
import io.lorashear.spark.schedule.ScheduleSettings;
import io.lorashear.spark.schedule.State;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code lorashear schedule}: runs rounds of new text, resampling and recovery at scheduled times.
 */
@Command(
    name = "schedule",
    mixinStandardHelpOptions = true,
    description =
        "Takes in new raw files, draws the next subset and recovers the current model on it, at the"
            + " times of a cron expression. A run that was killed resumes. With --once, exit code 3"
            + " means that another run is active.",
    footer = {
      "",
      "Examples:",
      "  lorashear schedule conf/schedule/nightly.yaml --dry-run",
      "  lorashear schedule conf/schedule/nightly.yaml --once"
    })
public final class ScheduleCommand implements Callable<Integer> {
  /** Exit code if another run is active and nothing was done. */
  static final int ACTIVE = 3;

  /** Time after which a changed clock or a machine's sleep is noticed. */
  private static final Duration LOOK = Duration.ofSeconds(20);

  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin LineOptions options = new LineOptions();

  @Option(
      names = "--once",
      description = "Runs one round now, whatever the time: for cron, Airflow or Kubernetes.")
  boolean once;

  @Override
  public Integer call() throws InterruptedException {
    var clock = InstantSource.system();
    var schedule = new ScheduleFile(options.file, options.settings(Recipe::schedule));
    var settings = schedule.load(); // every mistake is reported before Spark starts
    Session.requireHeap();
    if (options.dryRun) {
      say(SchedulePlan.of(settings, clock.instant()));
      return 0;
    }
    var runs = new Schedule(settings, state -> round(schedule, state), clock, this::say);
    if (once) {
      boolean done = runs.once();
      report(settings);
      return done ? 0 : ACTIVE;
    }
    runs.run(
        time -> {
          report(settings);
          return slept(clock, time);
        });
    return 0;
  }

  /** Writes the report of all rounds so far, finished or failed. */
  private void report(ScheduleSettings settings) {
    if (Files.isDirectory(settings.work().resolve("rounds"))) {
      try {
        say("look at " + Report.write(settings.work()));
      } catch (InputException e) {
        say("there is no report: " + e.getMessage()); // the rounds continue without it
      }
    }
  }

  /** Runs one round with a session of its own, so that nothing is held between two runs. */
  private SortedMap<String, PublishedDirectory> round(ScheduleFile schedule, State state) {
    try (var session = Session.open("schedule")) {
      var progress = options.progress();
      return new Round(session.spark(), schedule, options.device(), progress, this::say).run(state);
    }
  }

  private void say(String text) {
    var out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }

  private static boolean slept(InstantSource clock, Instant time) throws InterruptedException {
    for (var now = clock.instant(); now.isBefore(time); now = clock.instant()) {
      var left = Duration.between(now, time);
      Thread.sleep((left.compareTo(LOOK) < 0 ? left : LOOK).toMillis() + 1);
    }
    return true;
  }
}
