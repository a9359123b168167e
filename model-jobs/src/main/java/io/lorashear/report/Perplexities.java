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
    deviations(facts, section, sources);
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
