package io.lorashear.spark.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.spark.decontaminate.TaskLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * Counts of all sources.
 *
 * @param sources counts of each source, in the order of the settings
 * @param unreadable files that were left out, with their faults
 * @param warnings terms of the text that restrict its use
 * @param leaks evaluation text that was found in documents
 * @param notes remarks for the user
 */
public record IngestReport(
    List<SourceReport> sources,
    List<String> unreadable,
    List<String> warnings,
    List<TaskLeaks> leaks,
    List<String> notes) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Adds the report to a manifest. */
  void addTo(ObjectNode manifest) {
    manifest.put("kind", Ingest.DOCUMENTS).put("version", 1);
    manifest.setAll(JSON.<ObjectNode>valueToTree(this));
  }

  /** The report that {@link #addTo} put into a manifest. */
  static IngestReport of(JsonNode manifest) {
    var report = JSON.createObjectNode();
    for (var name : List.of("sources", "unreadable", "warnings", "leaks", "notes")) {
      report.set(name, manifest.path(name));
    }
    return JSON.convertValue(report, IngestReport.class);
  }

  /** The source of this name. */
  public SourceReport source(String name) {
    return sources.stream().filter(source -> source.name().equals(name)).findFirst().orElseThrow();
  }

  /** Text for the console: one line per source with its drops below, then warnings and notes. */
  public String text() {
    var lines = new ArrayList<String>();
    for (var source : sources) {
      lines.add(
          "%-16s %,10d documents of %,10d records, %,14d characters"
              .formatted(source.name(), source.documents(), source.records(), source.characters()));
      counts("records dropped", source.dropped(), lines);
      counts("paragraphs removed", source.removed(), lines);
      counts("documents kept with a warning", source.warnings(), lines);
    }
    unreadable.forEach(message -> lines.add("left out: " + message));
    for (var task : leaks) {
      lines.add(
          "measured on: %s, of %,d items %,d were found in the sources (%,d too short to look for)"
              .formatted(task.task(), task.items(), task.found(), task.tooShort()));
    }
    lines.addAll(notes);
    warnings.forEach(warning -> lines.add("licence: " + warning));
    return String.join(System.lineSeparator(), lines);
  }

  private static void counts(String what, SortedMap<String, Long> counts, List<String> lines) {
    if (!counts.isEmpty()) {
      lines.add(
          counts.entrySet().stream()
              .map(IngestReport::count)
              .collect(Collectors.joining(", ", "    " + what + ": ", "")));
    }
  }

  private static String count(Map.Entry<String, Long> entry) {
    return "%s %,d".formatted(entry.getKey(), entry.getValue());
  }
}
