package io.lorashear.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jsoup.nodes.Element;

/** Section on accuracies with their standard errors, compared with the dense model. */
final class Tasks implements Section {
  private static final String TEXT_FIGURE = "word_perplexity,none";

  @Override
  public String id() {
    return "tasks";
  }

  @Override
  public String title() {
    return "Tasks";
  }

  @Override
  public void write(Facts facts, Element section) {
    var folders = facts.folders("evaluate");
    var tasks = new LinkedHashSet<String>();
    var texts = new LinkedHashSet<String>();
    for (var folder : folders) {
      var results = facts.file(folder + "/results.json");
      results.at("reported").fields().keySet().forEach(tasks::add);
      results.at("results").fields().keySet().stream()
          .filter(name -> !results.at("reported").at(name).exists())
          .forEach(texts::add);
    }
    if (tasks.isEmpty()) {
      Html.none(section, "This run has evaluated no tasks.");
    } else {
      tasks(facts, section, folders, tasks);
    }
    if (!texts.isEmpty()) {
      texts(facts, section, folders, texts);
    }
  }

  private static void tasks(
      Facts facts, Element section, List<String> folders, LinkedHashSet<String> tasks) {
    var table =
        Table.drawn(
            section,
            "Right answers, ± one standard error",
            new Table.Picture("dots", "per cent", "linear"),
            columns("task", folders));
    for (var task : tasks) {
      var row = table.row(task);
      for (var folder : folders) {
        var results = facts.file(folder + "/results.json");
        var metric = results.at("reported").at(task).text();
        var found = results.at("results").at(task);
        row.withError(found.at(metric + ",none"), found.at(metric + "_stderr,none"), Form.PERCENT);
      }
    }
    var questions = Table.folded(section, "Number of questions", columns("task", folders));
    for (var task : tasks) {
      var row = questions.row(task);
      folders.forEach(
          folder ->
              row.number(
                  facts.file(folder + "/results.json").at("n-samples").at(task).at("effective"),
                  Form.COUNT));
    }
  }

  private static void texts(
      Facts facts, Element section, List<String> folders, LinkedHashSet<String> texts) {
    var table =
        Table.plain(section, "Perplexity per word of held-out texts", columns("text", folders));
    for (var text : texts) {
      var row = table.row(text);
      folders.forEach(
          folder ->
              row.number(
                  facts.file(folder + "/results.json").at("results").at(text).at(TEXT_FIGURE),
                  Form.PLAIN));
    }
  }

  private static List<String> columns(String first, List<String> folders) {
    var columns = new ArrayList<>(List.of(first));
    folders.forEach(folder -> columns.add(folder.replaceFirst("^evaluation/", "")));
    return columns;
  }
}
