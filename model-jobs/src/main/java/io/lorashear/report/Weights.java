package io.lorashear.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jsoup.nodes.Element;

/** Section on the sampling weights of each round and the deviations that they follow from. */
final class Weights implements Section {
  @Override
  public String id() {
    return "weights";
  }

  @Override
  public String title() {
    return "Weights over rounds";
  }

  @Override
  public void write(Facts facts, Element section) {
    var folders = facts.folders("resample");
    if (folders.isEmpty()) {
      Html.none(section, "This run has drawn no subset: resample has published none.");
      return;
    }
    pictured(
        facts,
        section,
        folders,
        "Deviation from the dense model before each round",
        "deviation",
        Form.DEVIATION,
        "nats a token");
    pictured(
        facts,
        section,
        folders,
        "Weight in the subset drawn then",
        "weight",
        Form.WEIGHT,
        "share of tokens");
    var table =
        Table.folded(
            section,
            "What was drawn, and why",
            List.of(
                "group",
                "subset",
                "deviation",
                "weight before",
                "weight",
                "sequences",
                "of",
                "why"));
    for (var folder : folders) {
      for (var group : facts.manifest(folder).at("groups").items()) {
        table
            .row(group.at("group").text())
            .name(folder)
            .number(group.at("deviation"), Form.DEVIATION)
            .number(group.at("prior"), Form.WEIGHT)
            .number(group.at("weight"), Form.WEIGHT)
            .number(group.at("sequences"), Form.COUNT)
            .number(group.at("pool"), Form.COUNT)
            .name(group.at("reason").text());
      }
    }
  }

  /** A chart with one line per group, over the subsets that have the same groups as the first. */
  private static void pictured(
      Facts facts,
      Element section,
      List<String> folders,
      String caption,
      String field,
      Form form,
      String axis) {
    var groups = groups(facts, folders.get(0));
    var columns = new ArrayList<>(List.of("subset"));
    columns.addAll(groups);
    var table = Table.drawn(section, caption, new Table.Picture("lines", axis, "linear"), columns);
    for (var folder : folders) {
      if (groups(facts, folder).equals(groups)) {
        var row =
            table.row(folder.replaceFirst("^(subsets|rounds)/", "").replaceFirst("/subset$", ""));
        var found = facts.manifest(folder).at("groups");
        groups.forEach(group -> row.number(found.where("group", group).at(field), form));
      }
    }
  }

  private static LinkedHashSet<String> groups(Facts facts, String folder) {
    var groups = new LinkedHashSet<String>();
    facts
        .manifest(folder)
        .at("groups")
        .items()
        .forEach(each -> groups.add(each.at("group").text()));
    return groups;
  }
}
