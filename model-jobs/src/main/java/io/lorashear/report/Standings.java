package io.lorashear.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jsoup.nodes.Element;

/** Section that compares the methods of a contest. */
final class Standings implements Section {
  @Override
  public String id() {
    return "standings";
  }

  @Override
  public String title() {
    return "Standings";
  }

  @Override
  public void write(Facts facts, Element section) {
    var contest = facts.file(RunKind.CONTEST_FILE);
    var rows = contest.at("rows").items();
    Sentence.in(section)
        .text("Differences are to ")
        .name(contest.at("against").text())
        .text(
            " at the same ratio, with 95 % intervals; “sure” means significant after Holm’s"
                + " correction.");
    var table =
        Table.drawn(
            section,
            "Perplexity of the finished models against their size",
            new Table.Picture("scatter", "perplexity", "log"),
            List.of(
                "method",
                "ratio",
                "parameters",
                "perplexity",
                "pruned",
                "nats to first",
                "sure",
                "tokens trained on",
                "minutes",
                "tokens a second"));
    for (var row : rows) {
      var first = row.at("toFirst");
      table
          .row(row.at("method").text())
          .number(row.at("ratio"), Form.PERCENT)
          .number(row.at("parameters"), Form.COUNT)
          .number(row.at("loss"), Form.PERPLEXITY)
          .number(row.at("lossPruned"), Form.PERPLEXITY)
          .number(first.at("nats"), first.at("low"), first.at("high"), Form.DEVIATION)
          .text(!first.exists() ? "–" : first.at("sure").node().asBoolean() ? "sure" : "noise")
          .number(row.at("tokens"), Form.COUNT)
          .number(row.at("minutes"), Form.PLAIN)
          .number(row.at("tokensPerSecond"), Form.COUNT);
    }
    sources(section, rows);
    refused(section, contest.at("refused"));
  }

  private static void sources(Element section, List<Found> rows) {
    var sources = new LinkedHashSet<String>();
    rows.forEach(row -> sources.addAll(row.at("perplexity").fields().keySet()));
    var columns = new ArrayList<>(List.of("method", "ratio"));
    columns.addAll(sources);
    columns.add("tasks");
    var table = Table.plain(section, "Perplexity by source, and right answers", columns);
    for (var found : rows) {
      var row = table.row(found.at("method").text()).number(found.at("ratio"), Form.PERCENT);
      sources.forEach(source -> row.number(found.at("perplexity").at(source), Form.PLAIN));
      row.withError(found.at("share"), found.at("shareError"), Form.PERCENT);
    }
  }

  private static void refused(Element section, Found refused) {
    refused
        .fields()
        .forEach(
            (cell, why) -> Sentence.in(section).name(cell).text(" was refused: ").name(why.text()));
  }
}
