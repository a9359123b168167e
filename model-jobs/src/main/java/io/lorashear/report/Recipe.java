package io.lorashear.report;

import com.fasterxml.jackson.databind.JsonNode;
import org.jsoup.nodes.Element;

/** Section on the settings of the whole run and the command that repeats it. */
final class Recipe implements Section {
  @Override
  public String id() {
    return "settings";
  }

  @Override
  public String title() {
    return "Settings";
  }

  @Override
  public void write(Facts facts, Element section) {
    var record = facts.wholeRun();
    if (record.isEmpty()) {
      Html.none(section, "The settings of the whole run are unknown: it has no record yet.");
      return;
    }
    var command = record.get().at("command").text();
    Sentence.in(section)
        .text(
            "To repeat the run, save the settings below as settings.yaml (JSON is YAML). They were")
        .text(" used by the program at commit ")
        .name(record.get().at("commit").text())
        .text(":");
    var line = section.appendElement("pre").addClass("command").attr("tabindex", "0");
    Html.add(line.attr("role", "region").attr("aria-label", "Command"), "code", command(command));
    var details = section.appendElement("details");
    Html.add(details, "summary", "All settings, including defaults");
    var scroll = details.appendElement("pre").attr("tabindex", "0").attr("role", "region");
    scroll.attr("aria-label", "All settings as JSON");
    Html.add(scroll, "code", text(record.get().at("settings").node())).attr("id", "settings-json");
  }

  private static String command(String command) {
    return "bin/lorashear %s settings.yaml%s"
        .formatted(command, command.equals("schedule") ? " --once" : "");
  }

  /** The settings as indented text, two spaces per level. */
  private static String text(JsonNode settings) {
    return settings.toPrettyString();
  }
}
