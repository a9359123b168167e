package io.lorashear.cli;

import io.lorashear.InputException;
import io.lorashear.report.Comparison;
import io.lorashear.report.Report;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear report}: writes the page of a run, or a comparison of several. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description =
        "Makes report.html of a run, demo, schedule or contest again from what it published, or"
            + " compares several runs on one page.",
    footer = {
      "",
      "Examples:",
      "  lorashear report work/smollm2-135m",
      "  lorashear report work/smollm2-135m --drawing model.svg",
      "  lorashear report work/one work/other --out comparison.html"
    })
public final class ReportCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "RUN",
      arity = "1..*",
      description = "Folder that the run worked in (its setting work, or demo's --out).")
  List<Path> runs = List.of();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Page to write; by default report.html in RUN, or for several runs comparison.html in the"
              + " current folder.")
  @Nullable Path out;

  @Option(
      names = "--drawing",
      paramLabel = "FILE",
      description = "Writes the drawing of the pruned model as an SVG file too.")
  @Nullable Path drawing;

  @Override
  public Integer call() {
    if (drawing != null && runs.size() > 1) {
      throw new InputException("--drawing draws the model of one run: %d were given", runs.size());
    }
    print(page());
    if (drawing != null) {
      print(Report.draw(runs.get(0), drawing));
    }
    return 0;
  }

  private Path page() {
    if (runs.size() > 1) {
      return Comparison.write(runs, out == null ? Path.of("comparison.html") : out);
    }
    return out == null ? Report.write(runs.get(0)) : Report.write(runs.get(0), out);
  }

  private void print(Path file) {
    spec.commandLine().getOut().println(file);
    spec.commandLine().getOut().flush();
  }
}
