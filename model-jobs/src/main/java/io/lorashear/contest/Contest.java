package io.lorashear.contest;

import static java.util.stream.Collectors.toList;

import io.lorashear.InputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Runs all cells of a contest that are not done yet:
 *
 * <pre>
 *   dense
 *   ceiling × seeds, further ones included
 *   methods × ratios × seeds
 *   at each ratio: the best methods × further seeds
 * </pre>
 *
 * A cell with settings that the model cannot satisfy is reported and skipped; the others run.
 */
public final class Contest {

  /** Runs cells: in this process or elsewhere. */
  public interface Place {
    /**
     * Runs {@code cells}, in any order.
     *
     * @return the reason of each cell that was refused
     */
    Map<Cell, String> run(List<Cell> cells);
  }

  private final ContestSettings settings;
  private final CellWork work;
  private final Place place;
  private final Map<Cell, String> refused = new LinkedHashMap<>();

  /**
   * A contest; does not run anything yet.
   *
   * @param work finds finished cells
   */
  public Contest(ContestSettings settings, CellWork work, Place place) {
    this.settings = settings;
    this.work = work;
    this.place = place;
  }

  /** Runs one cell after the other, in this process. */
  public static Place here(CellWork work, Consumer<String> out) {
    return cells -> {
      var refused = new LinkedHashMap<Cell, String>();
      for (var cell : cells) {
        try {
          out.accept(line(work.run(cell)));
        } catch (InputException e) {
          refused.put(cell, String.valueOf(e.getMessage()));
          out.accept("%-32s refused: %s".formatted(cell.name(), e.getMessage()));
        }
      }
      return refused;
    };
  }

  private static String line(CellResult result) {
    return "%-32s %,13d parameters, perplexity %.2f pruned, %.2f in the end, %.1f minutes"
        .formatted(
            result.cell().name(),
            result.parameters(),
            Math.exp(result.pruned().loss()),
            Math.exp(result.recovered().loss()),
            result.cost().total());
  }

  /** The cells that are known before any has run. */
  public static List<Cell> first(ContestSettings settings) {
    var cells = new ArrayList<Cell>();
    cells.add(Cell.DENSE);
    if (settings.ceiling()) {
      settings.seeds().forEach(seed -> cells.add(Cell.ceiling(seed)));
      settings.again().seeds().forEach(seed -> cells.add(Cell.ceiling(seed)));
    }
    for (double ratio : settings.ratios()) {
      for (long seed : settings.seeds()) {
        settings.methods().keySet().forEach(method -> cells.add(new Cell(method, ratio, seed)));
      }
    }
    return cells;
  }

  /** {@code cells} in lists, each of those that share a pruned model. */
  public static List<List<Cell>> together(ContestSettings settings, List<Cell> cells) {
    return List.copyOf(
        cells.stream()
            .collect(Collectors.groupingBy(settings::prunedAs, LinkedHashMap::new, toList()))
            .values());
  }

  private List<Cell> missing(List<Cell> cells) {
    return cells.stream().filter(cell -> work.done(cell).isEmpty()).toList();
  }

  /**
   * Runs the missing cells.
   *
   * @throws InputException if the dense model cannot be measured
   */
  public ContestResult run() {
    var cells = new ArrayList<>(first(settings));
    done(cells.stream().filter(cell -> !cell.prunes()).toList()); // others may learn from a ceiling
    if (refused.containsKey(Cell.DENSE)) {
      throw new InputException("%s", refused.get(Cell.DENSE));
    }
    done(cells);
    var further = further(cells);
    done(further);
    cells.addAll(further);
    return new ContestResult(settings, results(cells), Map.copyOf(refused));
  }

  private void done(List<Cell> cells) {
    var missing = missing(cells);
    if (!missing.isEmpty()) {
      refused.putAll(place.run(missing));
    }
  }

  private List<CellResult> results(List<Cell> cells) {
    return cells.stream().map(work::done).flatMap(Optional::stream).toList();
  }

  private List<Cell> further(List<Cell> cells) {
    var standings = new ContestResult(settings, results(cells), Map.of()).standings();
    var further = new ArrayList<Cell>();
    for (double ratio : settings.ratios()) {
      standings.stream()
          .filter(standing -> standing.ratio() == ratio)
          .sorted(Comparator.comparingDouble(Standing::loss))
          .limit(settings.again().best())
          .forEach(
              standing ->
                  settings
                      .again()
                      .seeds()
                      .forEach(seed -> further.add(new Cell(standing.method(), ratio, seed))));
    }
    return further;
  }
}
