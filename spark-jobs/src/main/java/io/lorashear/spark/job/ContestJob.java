package io.lorashear.spark.job;

import io.lorashear.cli.ContestCommand;
import io.lorashear.contest.CellWork;
import io.lorashear.contest.Contest;
import io.lorashear.spark.contest.ExecutorCells;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lorashear contest}, in this process or spread over Spark's executors. */
@Command(name = "contest")
public final class ContestJob extends ContestCommand {

  @Option(
      names = "--executors",
      description =
          "Spreads the cells over Spark's executors, one at a time on each; all executors must find"
              + " the settings file, the model, the corpus and the work folder at the same paths.")
  boolean executors;

  @Override
  protected Contest.Place place(CellWork work) {
    if (!executors) {
      return super.place(work);
    }
    var cells =
        new ExecutorCells(file(), List.copyOf(overrides()), overwrites(), wantsEvents(), where());
    return missing -> {
      try (var session = Session.open("contest")) {
        return cells.run(session.spark(), missing, this::print);
      }
    };
  }
}
