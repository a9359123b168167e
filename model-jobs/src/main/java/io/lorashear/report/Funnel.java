package io.lorashear.report;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jsoup.nodes.Element;

/** Section on the raw corpora: records, documents, sequences. */
final class Funnel implements Section {
  @Override
  public String id() {
    return "corpora";
  }

  @Override
  public String title() {
    return "Corpora";
  }

  @Override
  public void write(Facts facts, Element section) {
    var ingested = facts.folders("ingest");
    if (ingested.isEmpty()) {
      Html.none(section, "This run has read no raw text: ingest has published no documents.");
    } else {
      records(facts, section, ingested);
      paragraphs(facts, section, ingested);
    }
    var tokenized = facts.folders("tokenize");
    if (tokenized.isEmpty()) {
      Html.none(section, "This run has no sequences: tokenize has published no corpus.");
    } else {
      sequences(
          facts,
          section,
          tokenized.get(tokenized.size() - 1)); // the last corpus contains the earlier ones
    }
  }

  private static void records(Facts facts, Element section, List<String> folders) {
    var reasons = new TreeSet<String>();
    sources(facts, folders)
        .forEach(source -> reasons.addAll(source.at("dropped").fields().keySet()));
    var columns = new ArrayList<>(List.of("source", "documents"));
    columns.addAll(reasons);
    columns.add("records read");
    var table =
        Table.drawn(
            section,
            "Records that became documents, and why the others were dropped",
            new Table.Picture("stack", "share of the records", "linear"),
            columns);
    for (var folder : folders) {
      for (var source : sources(facts, List.of(folder))) {
        var name = source.at("name").text();
        var row = table.row(folders.size() == 1 ? name : name + " " + folder);
        row.number(source.at("documents"), Form.COUNT);
        reasons.forEach(reason -> row.number(source.at("dropped").at(reason), Form.COUNT));
        row.number(facts.computed("funnel").at(folder).at(name).at("read"), Form.COUNT);
      }
    }
  }

  private static void paragraphs(Facts facts, Element section, List<String> folders) {
    var rules = new TreeSet<String>();
    var doubts = new TreeSet<String>();
    for (var source : sources(facts, folders)) {
      rules.addAll(source.at("removed").fields().keySet());
      doubts.addAll(source.at("warnings").fields().keySet());
    }
    var columns = new ArrayList<>(List.of("source", "files", "paragraphs", "characters"));
    rules.forEach(rule -> columns.add("left out: " + rule));
    doubts.forEach(doubt -> columns.add("warning: " + doubt));
    var table = Table.folded(section, "Parts of documents, and warnings", columns);
    for (var source : sources(facts, folders)) {
      var row = table.row(source.at("name").text());
      List.of("files", "paragraphs", "characters")
          .forEach(field -> row.number(source.at(field), Form.COUNT));
      rules.forEach(rule -> row.number(source.at("removed").at(rule), Form.COUNT));
      doubts.forEach(doubt -> row.number(source.at("warnings").at(doubt), Form.COUNT));
    }
  }

  private static List<Found> sources(Facts facts, List<String> folders) {
    return folders.stream()
        .flatMap(folder -> facts.manifest(folder).at("sources").items().stream())
        .toList();
  }

  private static void sequences(Facts facts, Element section, String folder) {
    var manifest = facts.manifest(folder);
    Sentence.in(section)
        .text("The corpus in ")
        .name(folder)
        .text(" is ")
        .number(facts.computed("shards").at(folder), Form.COUNT)
        .text(" shards of sequences of ")
        .number(manifest.at("sequence_length"), Form.COUNT)
        .text(" tokens, from a vocabulary of ")
        .number(manifest.at("vocabulary"), Form.COUNT)
        .text(".");
    var splits = new TreeSet<String>();
    var reasons = new TreeSet<String>();
    for (var source : manifest.at("sources").items()) {
      splits.addAll(source.at("splits").fields().keySet());
      reasons.addAll(source.at("dropped").fields().keySet());
    }
    var columns = new ArrayList<>(List.of("source", "documents", "tokens"));
    splits.forEach(split -> columns.addAll(List.of(split + ": sequences", split + ": tokens")));
    reasons.forEach(reason -> columns.add("tokens dropped: " + reason));
    var table = Table.plain(section, "Sequences and tokens by source", columns);
    for (var source : manifest.at("sources").items()) {
      var row = table.row(source.at("name").text());
      row.number(source.at("documents"), Form.COUNT).number(source.at("tokens"), Form.COUNT);
      for (var split : splits) {
        var counts = source.at("splits").at(split);
        row.number(counts.at("sequences"), Form.COUNT).number(counts.at("tokens"), Form.COUNT);
      }
      reasons.forEach(reason -> row.number(source.at("dropped").at(reason), Form.COUNT));
    }
  }
}
