package io.lorashear.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jsoup.nodes.Element;

/**
 * Page that compares several runs of the pipeline: their results, and differences of their
 * settings.
 */
public final class Comparison {
  private static final String REPORT = "report/report.json";

  private final Map<String, Facts> runs;

  private Comparison(Map<String, Facts> runs) {
    this.runs = runs;
  }

  /**
   * Writes the page.
   *
   * @throws InputException if one of them is not a finished run of the pipeline
   */
  public static Path write(List<Path> folders, Path page) {
    var runs = new LinkedHashMap<String, Facts>();
    for (var folder : folders) {
      var facts = Report.facts(Report.folder(folder));
      if (!facts.file(REPORT).exists()) {
        throw new InputException(
            "%s has no %s: runs that came to their end can be compared (of run or demo)",
            folder, REPORT);
      }
      if (runs.put(name(folder), facts) != null) {
        throw new InputException("%s was given twice", folder);
      }
    }
    return Report.replace(page, new Comparison(runs).page());
  }

  private static String name(Path folder) {
    return folder.normalize().toString().replace('\\', '/');
  }

  private String page() {
    var page = new Page("Runs compared");
    outcome(page.section("outcome", "Results"));
    perplexities(page.section("perplexity", "Perplexity by source"));
    tasks(page.section("tasks", "Tasks"));
    settings(page.section("settings", "Settings that differ"));
    var data = JsonFile.object();
    runs.forEach((name, facts) -> data.set(name, facts.json()));
    return Report.finished(page, data);
  }

  private void outcome(Element section) {
    var table =
        Table.plain(
            section,
            "The recovered models",
            List.of(
                "run",
                "parameters removed",
                "parameters",
                "perplexity dense",
                "pruned",
                "recovered",
                "times the dense model’s",
                "of the way back to dense",
                "of the way to the ceiling"));
    runs.forEach(
        (name, facts) -> {
          var report = in(name, facts.file(REPORT));
          table
              .row(name)
              .number(in(name, facts.computed("removed")), Form.PERCENT)
              .number(report.at("recovered").at("parameters"), Form.COUNT)
              .number(report.at("dense").at("perplexity"), Form.PLAIN)
              .number(report.at("pruned").at("perplexity"), Form.PLAIN)
              .number(report.at("recovered").at("perplexity"), Form.PLAIN)
              .number(in(name, facts.computed("factor")), Form.PLAIN)
              .number(report.at("wonBack"), Form.ROUND_PERCENT)
              .number(report.at("wonBackOfCeiling"), Form.ROUND_PERCENT);
        });
  }

  private void perplexities(Element section) {
    table(
        section,
        "Perplexity of the recovered models, with 95 % intervals",
        "perplexity",
        "log",
        facts -> facts.computed("losses").at("losses/recovered"),
        (row, found) ->
            row.number(found.at("loss"), found.at("low"), found.at("high"), Form.PERPLEXITY));
  }

  private void tasks(Element section) {
    table(
        section,
        "Right answers of the recovered models",
        "per cent",
        "linear",
        facts -> facts.file(REPORT).at("recovered").at("accuracies"),
        (row, found) -> row.number(found, Form.PERCENT));
  }

  /** Adds one cell to a row. */
  private interface Cell {
    void add(Table.Row row, Found found);
  }

  private void table(
      Element section,
      String caption,
      String axis,
      String scale,
      Function<Facts, Found> figures,
      Cell cell) {
    var names = new LinkedHashSet<String>();
    runs.values().forEach(facts -> names.addAll(figures.apply(facts).fields().keySet()));
    if (names.isEmpty()) {
      Html.none(section, "No run has any.");
      return;
    }
    var columns = new ArrayList<>(List.of("what"));
    columns.addAll(runs.keySet());
    var table = Table.drawn(section, caption, new Table.Picture("dots", axis, scale), columns);
    for (var name : names) {
      var row = table.row(name);
      runs.forEach((run, facts) -> cell.add(row, in(run, figures.apply(facts)).at(name)));
    }
  }

  private void settings(Element section) {
    var all = new TreeMap<String, SortedMap<String, String>>();
    runs.forEach(
        (run, facts) ->
            facts.wholeRun().ifPresent(record -> flat(record.at("settings").node(), "", run, all)));
    all.values().removeIf(values -> values.size() == runs.size() && distinct(values) == 1);
    if (all.isEmpty()) {
      Html.none(section, "None, according to the records of the runs.");
      return;
    }
    var columns = new ArrayList<>(List.of("setting"));
    columns.addAll(runs.keySet());
    var table = Table.plain(section, "Settings with more than one value", columns);
    all.forEach(
        (key, values) -> {
          var row = table.row(key);
          runs.keySet().forEach(run -> row.name(values.getOrDefault(run, "–")));
        });
  }

  private static long distinct(SortedMap<String, String> values) {
    return values.values().stream().distinct().count();
  }

  private static void flat(
      JsonNode node, String key, String run, SortedMap<String, SortedMap<String, String>> all) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              field -> {
                var name = key.isEmpty() ? field.getKey() : key + "." + field.getKey();
                flat(field.getValue(), name, run, all);
              });
    } else {
      all.computeIfAbsent(key, name -> new TreeMap<>()).put(run, node.toString());
    }
  }

  /**
   * {@code found} with its path in this page's data, which has the files of each run under the
   * run's name.
   */
  private static Found in(String run, Found found) {
    return new Found(run + "#" + found.file(), found.pointer(), found.node());
  }
}
