package io.lorashear.cli;

import io.lorashear.contest.CellWork;
import io.lorashear.contest.Contest;
import io.lorashear.contest.ContestFile;
import io.lorashear.contest.ContestForecast;
import io.lorashear.contest.ContestReport;
import io.lorashear.device.Place;
import io.lorashear.metrics.RunMetrics;
import io.lorashear.report.Report;
import io.lorashear.run.Progress;
import io.lorashear.run.RunRecord;
import io.lorashear.settings.Overrides;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear contest}: compares methods for a model and a budget. */
@Command(
    name = "contest",
    mixinStandardHelpOptions = true,
    description = {
      "Prunes one model by many methods, at several ratios and seeds, gives all of them the same"
          + " recovery, measures them on the same rows and questions, and prints a table:"
          + " perplexity by source, tasks, size, speed, cost, and which differences are noise.",
      "Finished cells are not repeated: a contest that was killed resumes."
    },
    footer = {
      "",
      "Examples:",
      "  lorashear contest conf/contest/smollm2-135m.yaml --dry-run",
      "  lorashear contest conf/contest/smollm2-135m.yaml --set 'ratios=[0.2]'"
    })
public class ContestCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin TensorBoardOption tensorboard = new TensorBoardOption();

  @Option(
      names = "--precision",
      paramLabel = "auto|float32|tf32|bfloat16",
      description =
          "Number type for the measurements (evaluate.precision of the settings); models are pruned"
              + " and trained in the types of prune.train and recover.train.")
  @Nullable String precision;

  @Parameters(paramLabel = "FILE", description = "Settings of all methods and stages, YAML.")
  Path file = Path.of("");

  @Mixin SetOption set = new SetOption();

  @Option(
      names = "--overwrite",
      description = "Replaces figures and models of other inputs, settings or code.")
  boolean overwrite;

  @Option(
      names = "--dry-run",
      description = "Checks all settings; says which cells remain, and about how long they take.")
  boolean dryRun;

  @Override
  public final Integer call() {
    var contestFile = new ContestFile(file, Overrides.given(overrides()));
    var settings = contestFile.load();
    var progress = tensorboard.progress(Progress.console());
    var work = new CellWork(contestFile, settings, overwrite, device.device(), progress);
    var cells = Contest.first(settings);
    print(ContestForecast.of(contestFile, settings, work, cells, device.device()).text());
    if (!dryRun) {
      var record = RunRecord.start("contest", contestFile.given(settings));
      var result =
          new RunMetrics(settings.work(), "contest")
              .all(() -> new Contest(settings, work, place(work)).run());
      var report = ContestReport.publish(result, settings.work().resolve("report"));
      record.write(report);
      print(ContestReport.markdown(result));
      print("table, figures and picture: " + report.directory());
      print("look at " + Report.write(settings.work()));
    }
    return 0;
  }

  /** Where cells run: here, in this process. */
  protected Contest.Place place(CellWork work) {
    return Contest.here(work, this::print);
  }

  /** Prints for the user. */
  protected final void print(String text) {
    var out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }

  /** The settings file. */
  protected final Path file() {
    return file;
  }

  /** Settings that override the file's. */
  protected final List<String> overrides() {
    var all = new ArrayList<String>();
    if (precision != null) {
      all.add("evaluate.precision=" + precision);
    }
    all.addAll(set.given());
    return all;
  }

  /** Whether existing results may be replaced. */
  protected final boolean overwrites() {
    return overwrite;
  }

  /** Whether TensorBoard event files are wanted. */
  protected final boolean wantsEvents() {
    return tensorboard.wanted();
  }

  /** Where models run. */
  protected final Place where() {
    return device.place();
  }
}
