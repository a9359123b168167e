package io.lorashear.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jsoup.nodes.Element;

/** Section on perplexity by source of all models of a run, with intervals and rises. */
final class Perplexities implements Section {
  private static final int MOST = 6; // models in one picture

  @Override
  public String id() {
    return "perplexity";
  }

  @Override
  public String title() {
    return "Perplexity by source";
  }

  @Override
  public void write(Facts facts, Element section) {
    var models = Models.of(facts).last(MOST);
    if (models.isEmpty()) {
      Html.none(section, "This run has measured no losses: perplexity has published none.");
      return;
    }
    var losses = facts.computed("losses");
    var sources = new LinkedHashSet<String>();
    models.forEach(model -> sources.addAll(losses.at(model.folder()).fields().keySet()));
    var names = models.stream().map(Models.Measured::name).toList();
    var table =
        Table.drawn(
            section,
            "Perplexity on held-out rows (lower is better), with 95 % intervals over documents",
            new Table.Picture("dots", "perplexity", "log"),
            columns("source", names));
    for (var source : sources) {
      var row = table.row(source);
      for (var model : models) {
        var found = losses.at(model.folder()).at(source);
        row.number(found.at("loss"), found.at("low"), found.at("high"), Form.PERPLEXITY);
      }
    }
    var all = table.row(head -> head.text("all sources"));
    models.forEach(
        model -> all.number(facts.computed("overall").at(model.folder()), Form.PERPLEXITY));
    if (RunKind.of(facts) == RunKind.LINE) {
      wonBack(facts, section, sources);
    }
    deviations(facts, section, sources);
  }

  private static void wonBack(Facts facts, Element section, LinkedHashSet<String> sources) {
    var shares = facts.computed("wonBack");
    if (!shares.at("dense").at("overall").exists()) {
      return;
    }
    Html.paragraph(section)
        .text(
            "Won back is the share of the way from the pruned model that recovery went, in"
                + " log-perplexity: (pruned − recovered) / (pruned − dense), and the same with the"
                + " ceiling in place of dense. The ceiling is the dense model after the same"
                + " recovery, on the same rows with the same settings: recovery also adapts a model"
                + " to the text, which the dense model was not. A dash: there was nothing to win"
                + " back, or no ceiling.");
    var table =
        Table.plain(
            section,
            "Won back",
            List.of("source", "of the way to the dense model", "of the way to the ceiling"));
    for (var source : sources) {
      table
          .row(source)
          .number(shares.at("dense").at("sources").at(source), Form.ROUND_PERCENT)
          .number(shares.at(Models.CEILING).at("sources").at(source), Form.ROUND_PERCENT);
    }
    table
        .row(head -> head.text("all sources"))
        .number(shares.at("dense").at("overall"), Form.ROUND_PERCENT)
        .number(shares.at(Models.CEILING).at("overall"), Form.ROUND_PERCENT);
  }

  private static void deviations(Facts facts, Element section, LinkedHashSet<String> sources) {
    var pairs = Models.of(facts).last(MOST).stream().filter(model -> !model.isDense()).toList();
    if (pairs.isEmpty()) {
      return;
    }
    var table =
        Table.drawn(
            section,
            "Deviation from the dense model on the same documents, with 95 % intervals",
            new Table.Picture("dots", "nats a token", "linear"),
            columns("source", pairs.stream().map(Models.Measured::name).toList()));
    for (var source : sources) {
      var row = table.row(source);
      for (var model : pairs) {
        var found = facts.computed("deviations").at(model.folder()).at(source);
        row.number(found.at("deviation"), found.at("low"), found.at("high"), Form.DEVIATION);
      }
    }
  }

  private static List<String> columns(String first, List<String> others) {
    var columns = new ArrayList<>(List.of(first));
    columns.addAll(others);
    return columns;
  }
}
