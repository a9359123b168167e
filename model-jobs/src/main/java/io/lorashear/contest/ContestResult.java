package io.lorashear.contest;

import io.lorashear.statistics.Bootstrap;
import io.lorashear.statistics.PairedTests;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a contest.
 *
 * @param results figures of the finished cells, including the dense model
 * @param refused refused cells with the reasons
 */
public record ContestResult(
    ContestSettings settings, List<CellResult> results, Map<Cell, String> refused) {
  private static final double SURE = 0.05;

  /**
   * How a row compares with the first row of its ratio.
   *
   * @param sure whether the sign is significant at 5 %, with Holm's correction over the rows of the
   *     ratio
   */
  public record Verdict(Standing.Difference difference, boolean sure) {}

  public ContestResult {
    results = List.copyOf(results);
  }

  /** The dense model, from which all others are made. */
  public CellResult dense() {
    return results.stream()
        .filter(result -> result.cell().equals(Cell.DENSE))
        .findFirst()
        .orElseThrow();
  }

  /** The dense model after the recovery of every seed; empty if the contest has no ceiling. */
  public Optional<Standing> ceiling() {
    var cells =
        results.stream().filter(result -> result.cell().method().equals(Cell.CEILING)).toList();
    return cells.isEmpty() ? Optional.empty() : Optional.of(new Standing(cells));
  }

  /**
   * A row for every method and ratio, by ratio: first the method that all are tested against, then
   * the others, the best one first.
   */
  public List<Standing> standings() {
    var cells = new LinkedHashMap<String, List<CellResult>>();
    for (var result : results) {
      if (result.cell().prunes()) {
        var key = result.cell().method() + " " + result.cell().ratio();
        cells.computeIfAbsent(key, name -> new ArrayList<>()).add(result);
      }
    }
    return cells.values().stream()
        .map(Standing::new)
        .sorted(
            Comparator.comparingDouble(Standing::ratio)
                .thenComparing(standing -> !standing.method().equals(settings.against()))
                .thenComparingDouble(Standing::loss))
        .toList();
  }

  /**
   * The comparison of each row, in the order of {@link #standings}; empty for a first row, or if
   * there is none.
   */
  public List<Optional<Verdict>> verdicts() {
    var verdicts = new ArrayList<Optional<Verdict>>();
    for (double ratio : standings().stream().mapToDouble(Standing::ratio).distinct().toArray()) {
      verdicts.addAll(verdicts(ratio));
    }
    return verdicts;
  }

  private List<Optional<Verdict>> verdicts(double ratio) {
    var rows = standings().stream().filter(standing -> standing.ratio() == ratio).toList();
    var first = rows.get(0);
    if (!first.method().equals(settings.against())) {
      return rows.stream().map(row -> Optional.<Verdict>empty()).toList();
    }
    var differences = rows.stream().skip(1).map(row -> row.less(first, Bootstrap.USUAL)).toList();
    double[] p =
        PairedTests.holm(differences.stream().mapToDouble(Standing.Difference::p).toArray());
    var verdicts = new ArrayList<Optional<Verdict>>();
    verdicts.add(Optional.empty());
    for (int i = 0; i < p.length; i++) {
      verdicts.add(Optional.of(new Verdict(differences.get(i), p[i] < SURE)));
    }
    return verdicts;
  }
}
