package io.lorashear.spark.job;

import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.cli.Failures;
import io.lorashear.metrics.Invocation;
import io.lorashear.metrics.StageMetrics.State;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.Leftovers;
import io.lorashear.run.Leftovers.Use;
import io.lorashear.runs.KnownRun;
import io.lorashear.runs.RunText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear runs}: what runs there are, and what becomes of them. */
@Command(
    name = "runs",
    mixinStandardHelpOptions = true,
    description =
        "Lists the runs in some folders, shows one, starts a stopped one again, and clears what"
            + " stopped stages have left.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example:", "  lorashear runs list work"})
public final class RunsCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return Failures.BAD_INPUT;
  }

  /** One line for each run. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description =
          "A line for each run: folder, state, stage, start, time, model and last figure. States"
              + " are running, finished, stopped (by a signal), failed, killed (its process is"
              + " gone) and elsewhere (its process is on another machine).",
      footer = {"", "Example:", "  lorashear runs list work demo"})
  int list(
      @Parameters(
              paramLabel = "FOLDER",
              arity = "1..*",
              description =
                  "Folders that runs work in, outputs of single stages, or folders that contain"
                      + " such.")
          List<Path> folders,
      @Option(names = "--json", description = "Prints the runs as JSON.") boolean json) {
    var runs = KnownRun.at(folders);
    if (json) {
      var all = JsonFile.object();
      var list = all.putArray("runs");
      runs.forEach(run -> list.add(RunText.json(run, Instant.now())));
      say(all.toPrettyString());
    } else {
      RunText.list(runs, Instant.now()).forEach(this::say);
    }
    return 0;
  }

  /** One run with its stages. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description =
          "The stages of a run with their times, inputs, outputs and figures, and what the run"
              + " would do next.",
      footer = {"", "Example:", "  lorashear runs show demo"})
  int show(
      @Parameters(paramLabel = "RUN", description = "Work folder, or output of a stage.") Path run,
      @Option(names = "--json", description = "Prints the run as JSON.") boolean json) {
    var known = KnownRun.of(run);
    if (json) {
      say(RunText.shown(known, Instant.now()).toPrettyString());
    } else {
      RunText.show(known, Instant.now()).forEach(this::say);
    }
    return 0;
  }

  /** Starts a run again. */
  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description =
          "Starts a stopped, failed or killed run again, by the command that it was started by."
              + " Refused if its settings file has changed since.",
      footer = {"", "Example:", "  lorashear runs resume demo"})
  int resume(
      @Parameters(paramLabel = "RUN", description = "Work folder, or output of a stage.")
          Path run) {
    var known = KnownRun.of(run);
    requireEnded(known);
    if (known.state() == State.DONE) {
      throw new InputException("%s is finished: nothing is left to do", run);
    }
    var how =
        known
            .invocation()
            .orElseThrow(
                () ->
                    new InputException(
                        "%s does not say how it was started: start the same command again", run));
    if (!how.folder().equals(Invocation.here())) {
      throw new InputException(
          "%s was started in %s: go there first, because its paths begin there", run, how.folder());
    }
    var changes = how.changes();
    if (!changes.isEmpty()) {
      throw new InputException(
          "the settings of %s have changed since it was started:%n  %s%nundo this, or start"
              + " lorashear %s if it is meant (what was made with other settings is refused without"
              + " --overwrite)",
          run,
          String.join(System.lineSeparator() + "  ", changes),
          String.join(" ", how.arguments()));
    }
    say("lorashear " + String.join(" ", how.arguments()));
    how.record();
    var command = spec.commandLine();
    return Lorashear.commandLine()
        .setOut(command.getOut())
        .setErr(command.getErr())
        .execute(how.arguments().toArray(String[]::new));
  }

  /** Clears what is left. */
  @Command(
      name = "gc",
      mixinStandardHelpOptions = true,
      description =
          "Lists what stopped stages have left in a work folder, with sizes: files of stopped"
              + " publications, training states of finished stages, outputs without a manifest."
              + " Published results are never among them.",
      footer = {"", "Example:", "  lorashear runs gc demo"})
  int gc(
      @Parameters(paramLabel = "RUN", description = "Work folder of a run.") Path run,
      @Option(names = "--yes", description = "Removes what is listed as going.") boolean yes,
      @Option(
              names = "--states",
              description = "Also what a stopped stage would go on from; it then begins anew.")
          boolean states) {
    var known = KnownRun.of(run);
    requireEnded(known);
    long bytes = 0;
    for (var left : Leftovers.in(known.work())) {
      boolean goes = left.use() == Use.NONE || (states && left.use() == Use.RESUMES);
      say(
          "%-5s %-10s %s: %s"
              .formatted(
                  goes ? "goes" : "stays", DiskSpace.text(left.bytes()), left.path(), left.why()));
      if (goes) {
        bytes += left.bytes();
        if (yes) {
          left.delete();
        }
      }
    }
    var size = DiskSpace.text(bytes);
    say(yes ? size + " removed" : size + " would be removed by --yes");
    return 0;
  }

  private static void requireEnded(KnownRun run) {
    if (run.state() == State.RUNS) {
      throw new InputException("%s is running and still writes: stop it first", run.folder());
    }
    if (run.state() == State.ELSEWHERE) {
      throw new InputException(
          "%s was started on another machine, so whether it still writes cannot be seen from here:"
              + " use that machine",
          run.folder());
    }
  }

  private void say(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }
}
