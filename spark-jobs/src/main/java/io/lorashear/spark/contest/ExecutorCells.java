package io.lorashear.spark.contest;

import io.lorashear.InputException;
import io.lorashear.contest.Cell;
import io.lorashear.contest.CellWork;
import io.lorashear.contest.Contest;
import io.lorashear.contest.ContestFile;
import io.lorashear.device.Place;
import io.lorashear.run.Progress;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Storage;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Runs the cells of one contest on Spark's executors. A task is one cell, or all cells that share a
 * pruned model: it reads the settings file, and writes models and figures to the same paths as a
 * contest in one process. Every JVM runs one cell at a time, with all its cores.
 *
 * @param file the settings file, at a path that every executor can read
 * @param events whether TensorBoard event files are written
 */
public record ExecutorCells(
    String file, List<String> overrides, boolean overwrite, boolean events, Place device)
    implements Serializable {

  private record Ended(Cell cell, String refusal) implements Serializable {}

  /** The same with a path. */
  public ExecutorCells(
      Path file, List<String> overrides, boolean overwrite, boolean events, Place device) {
    this(file.toAbsolutePath().toString(), overrides, overwrite, events, device);
  }

  /**
   * Runs {@code cells}.
   *
   * @param out receives the outcome of each
   * @return the reason of each refused cell
   */
  public Map<Cell, String> run(SparkSession spark, List<Cell> cells, Consumer<String> out) {
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    var refused = new LinkedHashMap<Cell, String>();
    var tasks = Contest.together(contest().load(), cells);
    for (var ended : context.parallelize(tasks, tasks.size()).flatMap(this::done).collect()) {
      out.accept("%-32s %s".formatted(ended.cell().name(), ended.refusal()));
      if (!ended.refusal().isEmpty()) {
        refused.put(ended.cell(), ended.refusal());
      }
    }
    return refused;
  }

  private ContestFile contest() {
    return new ContestFile(Storage.pathOf(file), Overrides.given(overrides));
  }

  private Iterator<Ended> done(List<Cell> task) {
    return task.stream().map(this::done).toList().iterator();
  }

  private Ended done(Cell cell) {
    synchronized (ExecutorCells.class) {
      try {
        var contest = contest();
        var progress = events ? Progress.silent().withEvents() : Progress.silent();
        var work =
            new CellWork(contest, contest.load(), overwrite, device.device("--device"), progress);
        work.run(cell);
        return new Ended(cell, "");
      } catch (InputException e) {
        return new Ended(cell, String.valueOf(e.getMessage()));
      }
    }
  }
}
