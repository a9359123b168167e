package io.lorashear.contest;

import ai.djl.Device;
import io.lorashear.bench.ModelBench;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.graph.ModelGraph;
import io.lorashear.plan.PlannedWork;
import io.lorashear.settings.Settings;
import io.lorashear.train.TrainSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Forecast of the time that the missing cells take on this device:
 *
 * <pre>
 *   operations a second   measured: one training step of two rows on the dense model
 *   operations of a cell  planned: pruning; recovery and held-out rows with 1 − ratio of the weights
 *   questions             the time of the dense model's questions, if they were already asked
 * </pre>
 *
 * The time for reading, writing and closed-form solutions is not counted.
 *
 * @param missing cells to run
 * @param hours hours of all missing cells, without questions
 * @param questionHours hours of all questions; NaN if the dense model was not asked yet
 */
public record ContestForecast(List<Cell> missing, double hours, double questionHours) {
  private static final int BENCH_ROWS = 2;
  private static final double MINUTES = 60;
  private static final double SECONDS = 3600;

  /**
   * Makes the forecast; measures the device if there are missing cells.
   *
   * @param work finds the finished cells
   * @param cells cells of the contest
   */
  public static ContestForecast of(
      ContestFile file, ContestSettings contest, CellWork work, List<Cell> cells, Device device) {
    var missing = cells.stream().filter(cell -> work.done(cell).isEmpty()).toList();
    if (missing.isEmpty()) {
      return new ContestForecast(missing, 0, 0);
    }
    var manifest = SequenceReader.open(contest.corpus()).manifest();
    int length = manifest.sequenceLength();
    var planned = new PlannedWork(length, manifest.sourceNames().size(), OptionalLong.empty());
    double operations = 0;
    var pruned = new HashSet<Cell>(); // rows that differ in their recovery alone prune once
    try (var checkpoint = Checkpoint.open(contest.model())) {
      var dense = checkpoint.graph();
      for (var cell : missing) {
        var own = file.with(contest, cell);
        operations += recovery(planned, dense, own, cell);
        if (cell.prunes() && pruned.add(contest.prunedAs(cell))) {
          operations += pruning(planned, dense, own, cell);
        }
      }
    }
    double hours = operations / operationsPerSecond(contest, length, device) / SECONDS;
    double questions =
        work.done(Cell.DENSE)
            .map(dense -> dense.cost().minutes().getOrDefault("evaluate", 0.0))
            .orElse(Double.NaN);
    return new ContestForecast(missing, hours, questions * missing.size() / MINUTES);
  }

  private static double pruning(
      PlannedWork planned, ModelGraph dense, ContestSettings own, Cell cell) {
    return (own.sparse(cell.method())
            ? planned.sparsify(dense, own.sparsify())
            : planned.prune(dense, own.prune()))
        .operations();
  }

  private static double recovery(
      PlannedWork planned, ModelGraph dense, ContestSettings own, Cell cell) {
    double heldOut =
        planned.perplexity(dense, own.heldOutRows(), own.evaluate().precision()).operations();
    if (cell.equals(Cell.DENSE)) {
      return heldOut;
    }
    double recovery = 2 * heldOut;
    if (own.recovery().text()) {
      recovery += planned.recover(dense, own.recover()).operations();
    }
    if (own.recovery().instructions()) {
      recovery += planned.recover(dense, own.instruct()).operations();
    }
    return cell.prunes() && !own.sparse(cell.method()) ? (1 - cell.ratio()) * recovery : recovery;
  }

  private static double operationsPerSecond(ContestSettings contest, int length, Device device) {
    var train = Settings.defaults(TrainSettings.class, List.of());
    var bench = new ModelBench(contest.model(), BENCH_ROWS, length, 1, device);
    var measured = bench.train(contest.recover().lora(), train);
    return measured.toJson().path("operations").asDouble() / measured.ours().best();
  }

  /** The forecast as text for people. */
  public String text() {
    if (missing.isEmpty()) {
      return "all cells are done";
    }
    var questions =
        Double.isNaN(questionHours)
            ? "the time of the questions shows when the dense model has answered them"
            : String.format(Locale.ROOT, "and %.1f hours for the questions", questionHours);
    return String.format(
        Locale.ROOT,
        "%d cells to be done: about %.1f hours on this device, %s%n%s",
        missing.size(),
        hours,
        questions,
        String.join(System.lineSeparator(), missing.stream().map(c -> "  " + c.name()).toList()));
  }
}
