package io.lorashear.report;

import io.lorashear.run.Publication;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jsoup.nodes.Element;

/** Section on provenance: results, the inputs of each, raw files and their terms. */
final class Provenance implements Section {
  private static final int SHORT = 12; // digits of a hash
  private static final int MOST = 300; // raw files in the table

  @Override
  public String id() {
    return "provenance";
  }

  @Override
  public String title() {
    return "Provenance";
  }

  @Override
  public void write(Facts facts, Element section) {
    terms(facts, section);
    var results =
        Table.folded(
            section,
            "Results, and the hashes of their inputs",
            List.of("result", "stage", "code", "made of"));
    facts
        .files()
        .forEach(
            (file, json) -> {
              if (file.endsWith("/" + Publication.MANIFEST) && json.has("stage")) {
                var manifest = facts.file(file);
                var row = results.row(file.replace("/" + Publication.MANIFEST, ""));
                row.name(manifest.at("stage").text()).name(cut(manifest.at("code").text()));
                parents(row.row().appendElement("td"), manifest.at("parents").fields());
              }
            });
    raw(facts, section);
  }

  private static void parents(Element cell, Map<String, Found> parents) {
    for (var parent : parents.entrySet()) {
      var line = cell.appendElement("div");
      Html.name(line, parent.getKey());
      Html.name(line.appendText(" "), cut(parent.getValue().text())).addClass("hash");
    }
  }

  private static String cut(String hash) {
    return hash.substring(0, Math.min(SHORT, hash.length()));
  }

  private static void terms(Facts facts, Element section) {
    var terms = new TreeMap<String, String>();
    for (var folder : facts.folders("ingest")) {
      for (var source : facts.manifest(folder).at("sources").items()) {
        terms.put(source.at("name").text(), source.at("licence").text());
      }
    }
    if (terms.isEmpty()) {
      Html.none(section, "The raw text is unknown: ingest has published no documents.");
      return;
    }
    var table = Table.plain(section, "Sources and their terms", List.of("source", "terms"));
    terms.forEach((source, licence) -> table.row(source).name(licence));
  }

  private static void raw(Facts facts, Element section) {
    var table =
        Table.folded(section, "Raw files", List.of("source", "file", "SHA-256", "read for"));
    int left = MOST;
    for (var folder : facts.folders("ingest")) {
      var files = facts.file(folder + "/" + Facts.RAW).items();
      for (var file : files.subList(0, Math.min(left, files.size()))) {
        table
            .row(file.at("source").text())
            .name(file.at("name").text())
            .name(file.at("sha256").text())
            .name(folder);
      }
      if (files.size() > left) {
        Sentence.in(section)
            .text("More raw files are listed in ")
            .name(folder + "/" + Facts.RAW)
            .text(".");
      }
      left = Math.max(0, left - files.size());
    }
  }
}
