package io.lorashear.contest;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The rows of a contest as text: the dense model, the ceiling if there is one, then one row for
 * each method and ratio.
 *
 * @param header names of the columns
 * @param rows one word for each column
 */
record ContestTable(List<String> header, List<List<String>> rows) {
  private static final double MILLION = 1e6;
  private static final int BYTES = Float.BYTES;

  static ContestTable of(ContestResult result) {
    var dense = new Standing(List.of(result.dense()));
    var rows = new ArrayList<List<String>>();
    rows.add(row(dense, dense, Optional.empty()));
    result.ceiling().ifPresent(each -> rows.add(row(each, dense, Optional.empty())));
    var standings = result.standings();
    var verdicts = result.verdicts();
    for (int i = 0; i < standings.size(); i++) {
      rows.add(row(standings.get(i), dense, verdicts.get(i)));
    }
    return new ContestTable(header(dense), rows);
  }

  private static List<String> header(Standing dense) {
    var header =
        new ArrayList<>(
            List.of("method", "ratio", "seeds", "parameters", "MB (float32)", "pruned", "final"));
    header.addAll(List.of("± seeds", "nats to first", "95 %", "verdict"));
    header.addAll(dense.perplexities().keySet());
    header.addAll(List.of("tasks %", "± questions"));
    header.addAll(dense.cells().get(0).marks().tasks().keySet());
    header.addAll(List.of("tokens trained", "minutes", "scored beside dense"));
    return header;
  }

  private static List<String> row(
      Standing standing, Standing dense, Optional<ContestResult.Verdict> verdict) {
    var row = new ArrayList<String>();
    row.add(standing.method());
    row.add(number("%s", standing.ratio()));
    row.add(number("%d", standing.cells().size()));
    row.add(number("%.0f", standing.parameters()));
    row.add(number("%.0f", standing.parameters() * BYTES / MILLION));
    row.add(number("%.2f", Math.exp(standing.prunedLoss())));
    row.add(number("%.2f", Math.exp(standing.loss())));
    row.add(
        standing
            .lossError()
            .map(error -> number("%.2f", error * Math.exp(standing.loss())))
            .orElse(""));
    row.add(verdict.map(each -> number("%+.4f", each.difference().nats())).orElse(""));
    row.add(verdict.map(ContestTable::interval).orElse(""));
    row.add(verdict.map(each -> each.sure() ? "sure" : "noise").orElse(""));
    standing.perplexities().values().forEach(value -> row.add(number("%.2f", value)));
    row.add(number("%.1f", 100 * standing.share()));
    row.add(number("%.1f", 100 * standing.shareError()));
    for (var task : dense.cells().get(0).marks().tasks().keySet()) {
      row.add(number("%.1f", 100 * standing.share(task)));
    }
    row.add(number("%.0f", standing.tokens()));
    row.add(number("%.1f", standing.minutes()));
    row.add(number("%.2f", standing.tokensPerSecond() / dense.tokensPerSecond()));
    return row;
  }

  private static String interval(ContestResult.Verdict verdict) {
    var interval = verdict.difference().interval();
    return number("%+.4f to %+.4f", interval.low(), interval.high());
  }

  private static String number(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** The table as Markdown, for a README. */
  String markdown() {
    var lines = new StringJoiner("\n", "", "\n");
    lines.add("| " + String.join(" | ", header) + " |");
    lines.add("|---|" + "---:|".repeat(header.size() - 1));
    rows.forEach(row -> lines.add("| " + String.join(" | ", row) + " |"));
    return lines.toString();
  }

  /** The table as CSV (RFC 4180); no word here contains a comma, a quote or a line end. */
  String csv() {
    var lines = new StringJoiner("\n", "", "\n");
    lines.add(String.join(",", header));
    rows.forEach(row -> lines.add(String.join(",", row)));
    return lines.toString();
  }
}
