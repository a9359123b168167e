package io.lorashear.report;

import io.lorashear.method.PruningMethod;
import java.util.List;
import org.jsoup.nodes.Element;

/** Section with the drawing of the pruned model. */
final class PrunedModel implements Section {
  @Override
  public String id() {
    return "model";
  }

  @Override
  public String title() {
    return "The model";
  }

  @Override
  public void write(Facts facts, Element section) {
    var layers = facts.layers();
    if (layers.axes().isEmpty()) {
      Html.none(section, "This run has pruned nothing: there is no pruned/pruning.json.");
      return;
    }
    var folder = facts.folders("prune").get(0);
    var report = facts.file(folder + "/pruning.json");
    Sentence.in(section)
        .name(facts.manifest(folder).at("settings").at("method").text())
        .text(" removed ")
        .number(report.at("groupsRemoved"), Form.COUNT)
        .text(" groups: ")
        .number(report.at("parametersBefore"), Form.COUNT)
        .text(" parameters became ")
        .number(report.at("parametersAfter"), Form.COUNT)
        .text(". Each layer is a row. A square is a head or several channels; it is paler the more")
        .text(" of them were removed.")
        .text(
            layers.profiled()
                ? " Bars show how much the loss rises when part of an axis is removed from the"
                    + " dense model."
                : "");
    beside(report, section);
    var scroll = section.appendElement("div").addClass("scroll").attr("tabindex", "0");
    scroll.attr("role", "region").attr("aria-label", "Drawing of the model");
    new ModelDrawing(layers).addTo(scroll);
    var table = Table.folded(section, "What is left, axis by axis", List.of("axis", "left", "of"));
    for (var axis : facts.computed("layers").items()) {
      table
          .row(axis.at("axis").text())
          .number(axis.at("kept"), Form.COUNT)
          .number(axis.at("of"), Form.COUNT);
    }
    kept(report.at("protected"), section);
  }

  /** Notes on what the drawing does not show. */
  private static void beside(Found report, Element section) {
    var stream = report.at("widths").at("hidden");
    if (stream.exists()) {
      Sentence.in(section)
          .text("The residual stream, which all layers share, is ")
          .number(stream, Form.COUNT)
          .text(" channels wide now; the drawing does not show it.");
    }
    var tokens = report.at("vocabulary");
    if (tokens.exists()) {
      Sentence.in(section)
          .number(tokens.at("parametersRemoved"), Form.COUNT)
          .text(" of the parameters were the rows of ")
          .number(tokens.at("tokensRemoved"), Form.COUNT)
          .text(" rare tokens; the drawing does not show them.");
    }
    for (var note : report.at("run").at(PruningMethod.NOTES).items()) {
      Sentence.in(section).text("Note of the method: ").name(note.text());
    }
  }

  private static void kept(Found names, Element section) {
    if (names.items().isEmpty()) {
      return;
    }
    var sentence = Sentence.in(section).text("Not pruned, because most sensitive: ");
    for (int i = 0; i < names.items().size(); i++) {
      sentence.text(i == 0 ? "" : ", ").name(names.at(i).text());
    }
    sentence.text(".");
  }
}
