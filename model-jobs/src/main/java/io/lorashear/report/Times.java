package io.lorashear.report;

import java.util.List;
import java.util.stream.Collectors;
import org.jsoup.nodes.Element;

/** Section on the speed of models and the time and memory of stages, from the records of runs. */
final class Times implements Section {
  private static final List<String> MODELS =
      List.of("dense", "pruned", "recovered", Models.CEILING);

  @Override
  public String id() {
    return "speed";
  }

  @Override
  public String title() {
    return "Speed, memory, time";
  }

  @Override
  public void write(Facts facts, Element section) {
    speeds(facts, section);
    var records = facts.records();
    if (records.isEmpty()) {
      Html.none(
          section, "No times of stages are known: there are no records of runs (*.run.json).");
      return;
    }
    var table =
        Table.drawn(
            section,
            "Time of each stage, and the peak memory of its process until its end",
            new Table.Picture("bars", "seconds", "linear"),
            List.of("result", "time", "memory", "stage", "models ran on", "started"));
    boolean contest = RunKind.of(facts) == RunKind.CONTEST;
    for (var record : records) {
      var result = record.file().replace(".run.json", "");
      if (contest && result.equals("report")) {
        whole(record, section);
        continue;
      }
      var stage = facts.manifest(result).at("stage");
      table
          .row(result)
          .number(record.at("seconds"), Form.SECONDS)
          .number(record.at("measured").at("peakResidentBytes"), Form.MEGABYTES)
          .name((stage.exists() ? stage : facts.manifest(result).at("kind")).text())
          .name(places(record.at("models")))
          .name(record.at("started").text());
    }
    machine(records.get(records.size() - 1), section);
  }

  /** Devices and number types of the computation. */
  private static String places(Found models) {
    return models.items().stream()
        .map(model -> model.at("device").text() + ", " + model.at("numbers").text())
        .collect(Collectors.joining("; "));
  }

  private static void speeds(Facts facts, Element section) {
    var report = facts.file("report/report.json");
    var measured = facts.file("report.run.json").at("measured");
    if (!report.exists()) {
      return;
    }
    var table =
        Table.plain(
            section,
            "Size and speed of the models",
            List.of("model", "parameters", "in float32", "tokens scored a second"));
    for (var model : MODELS) {
      if (!report.at(model).exists()) {
        continue;
      }
      table
          .row(model)
          .number(report.at(model).at("parameters"), Form.COUNT)
          .number(report.at(model).at("bytesFloat32"), Form.MEGABYTES)
          .number(measured.at("tokensPerSecond." + model), Form.COUNT);
    }
  }

  /** The report of a contest takes as long as all cells that it had to compute. */
  private static void whole(Found record, Element section) {
    Sentence.in(section)
        .text("The last call of the contest took ")
        .number(record.at("seconds"), Form.SECONDS)
        .text(", for these stages and its report.");
  }

  private static void machine(Found record, Element section) {
    var machine = record.at("machine");
    Sentence.in(section)
        .text("The last stage ran on ")
        .name(machine.at("system").text())
        .text(", ")
        .name(machine.at("architecture").text())
        .text(", ")
        .number(machine.at("processors"), Form.COUNT)
        .text(" processors, Java ")
        .name(machine.at("java").text())
        .text(", a heap of ")
        .number(machine.at("maximumHeapBytes"), Form.MEGABYTES)
        .text(".");
  }
}
