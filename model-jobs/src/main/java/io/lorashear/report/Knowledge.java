package io.lorashear.report;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jsoup.nodes.Element;

/** Section on the knowledge distribution of the dense model (LoRAShear, Algorithm 3). */
final class Knowledge implements Section {
  @Override
  public String id() {
    return "knowledge";
  }

  @Override
  public String title() {
    return "Knowledge profile";
  }

  @Override
  public void write(Facts facts, Element section) {
    var folders = facts.folders("analyze");
    if (folders.isEmpty()) {
      Html.none(
          section,
          facts.folders("prune").isEmpty()
              ? "This run has no knowledge profile: analyze has published none."
              : "Not measured: nothing reads it (profile: true makes it).");
      return;
    }
    var profile = facts.file(folders.get(0) + "/profile.json");
    var sentence =
        Sentence.in(section)
            .text("Rise of the dense model’s loss, in nats per token, when the weakest ");
    var ratios = profile.at("ratios").items();
    for (int i = 0; i < ratios.size(); i++) {
      sentence.text(i == 0 ? "" : ", ").number(ratios.get(i), Form.ROUND_PERCENT);
    }
    sentence
        .text(" of one axis are removed; the loss of the whole model is ")
        .number(profile.at("denseLoss"), Form.LOSS)
        .text(".");
    var byLayer = new TreeMap<Integer, TreeMap<String, Found>>();
    var parts = new TreeSet<String>();
    for (var axis : profile.at("axes").items()) {
      var name = Layers.AXIS.matcher(axis.at("axis").text());
      if (name.matches()) {
        parts.add(name.group(2));
        byLayer
            .computeIfAbsent(Integer.parseInt(name.group(1)), layer -> new TreeMap<>())
            .put(name.group(2), axis.at("deviation"));
      }
    }
    var columns = new ArrayList<>(List.of("layer"));
    columns.addAll(parts);
    var picture = new Table.Picture("lines", "nats a token", "linear");
    var table = Table.drawn(section, "Loss without part of an axis, by layer", picture, columns);
    byLayer.forEach(
        (layer, found) -> {
          var row = table.row("" + layer);
          parts.forEach(
              part -> row.number(found.getOrDefault(part, Found.nothing("")), Form.DEVIATION));
        });
  }
}
