package io.lorashear.report;

import java.util.List;
import org.jsoup.nodes.Element;

/** Section on the runs of a schedule, one per row. */
final class History implements Section {
  @Override
  public String id() {
    return "history";
  }

  @Override
  public String title() {
    return "History";
  }

  @Override
  public void write(Facts facts, Element section) {
    var table =
        Table.plain(
            section,
            "Runs in order of their start",
            List.of("run", "round", "outcome", "begun", "ended", "message"));
    facts.files().keySet().stream()
        .filter(name -> name.startsWith("history/"))
        .map(facts::file)
        .forEach(
            attempt ->
                table
                    .row(head -> Html.number(head, attempt.at("attempt"), Form.COUNT))
                    .number(attempt.at("round"), Form.COUNT)
                    .name(attempt.at("outcome").text())
                    .name(attempt.at("started").text())
                    .name(attempt.at("ended").text())
                    .name(attempt.at("message").text()));
    models(facts, section);
  }

  private static void models(Facts facts, Element section) {
    var models = Models.of(facts).folders().stream().filter(model -> !model.isDense()).toList();
    if (models.isEmpty()) {
      return;
    }
    var table =
        Table.drawn(
            section,
            "Perplexity over all sources, on the text so far, of the model at the start of each"
                + " round and of the dense model",
            new Table.Picture("lines", "perplexity", "linear"),
            List.of("round", "dense", "current"));
    for (var model : models) {
      table
          .row(model.folder().replaceFirst("/losses-current$", ""))
          .number(facts.computed("overall").at(model.dense()), Form.PERPLEXITY)
          .number(facts.computed("overall").at(model.folder()), Form.PERPLEXITY);
    }
  }
}
