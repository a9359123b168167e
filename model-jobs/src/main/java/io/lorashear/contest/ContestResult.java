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
 * All that is known of a contest.
 *
 * @param results of the cells that are done, the dense model among them
 * @param refused cells that could not be had, and why
 */
public record ContestResult(
    ContestSettings settings, List<CellResult> results, Map<Cell, String> refused) {
  private static final double SURE = 0.05;

  /**
   * How a row stands to the first of its ratio.
   *
   * @param sure whether the sign is no chance: Holm's correction over the rows of the ratio, 5 %
   */
  public record Verdict(Standing.Difference difference, boolean sure) {}

  public ContestResult {
    results = List.copyOf(results);
  }

  /** The model that all others were made of. */
  public CellResult dense() {
    return results.stream()
        .filter(result -> result.cell().equals(Cell.DENSE))
        .findFirst()
        .orElseThrow();
  }

  /**
   * A row for every method and ratio: by ratio, the one all are tested against first, then the best
   * first.
   */
  public List<Standing> standings() {
    var cells = new LinkedHashMap<String, List<CellResult>>();
    for (var result : results) {
      if (!result.cell().equals(Cell.DENSE)) {
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

  /** In the order of {@link #standings}; none of a first row, nor where there is no first row. */
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
