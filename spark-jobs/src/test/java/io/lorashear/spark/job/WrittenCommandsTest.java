package io.lorashear.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.contest.ContestFile;
import io.lorashear.prune.Recipe;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.spark.pipeline.PipelineFile;
import io.lorashear.spark.schedule.ScheduleFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParseResult;

/**
 * Every command that README.md, docs/ and conf/ show is one: its options are known, the settings
 * file is there, and what the command sets is a setting.
 */
class WrittenCommandsTest {
  private static final Pattern INLINE = Pattern.compile("`((?:bin/)?lorashear [^`\\n]+)`");
  private static final Pattern COMMAND =
      Pattern.compile("(?:[A-Z_0-9]+=(?:\"[^\"]*\"|\\S*) +)*(?:bin/)?lorashear .*");
  private static final Pattern PLACEHOLDER = Pattern.compile(".*(…|COMMAND|STAGE).*");

  @Test
  void everyCommandThatIsShownIsOne() throws IOException, ClassNotFoundException {
    var wrong = new TreeMap<String, String>();
    var bound = new TreeSet<String>();
    var names = Lorashear.commandLine().getSubcommands().keySet();
    for (var shown : shown().entrySet()) {
      var mentioned = shown.getKey().replaceFirst("^(bin/)?lorashear ", "");
      if (names.contains(mentioned)) {
        continue; // named alone, without what it needs
      }
      try {
        var command = parsed(shown.getKey());
        if (bind(command)) {
          bound.add(command.commandSpec().name());
        }
      } catch (RuntimeException e) {
        wrong.put(shown.getValue() + ": " + shown.getKey(), String.valueOf(e.getMessage()));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(bound)
        .contains("ingest", "tokenize", "run", "schedule", "contest", "prune", "recover", "lora");
  }

  @Test
  void scriptsThatAreShownAreThere() throws IOException {
    var gone = new ArrayList<String>();
    for (var page : Pages.all()) {
      for (var line : Pages.shellLines(Pages.text(page))) {
        if (line.startsWith("python3 .ci/")
            && !Files.exists(Pages.ROOT.resolve(line.split(" ")[1]))) {
          gone.add(Pages.ROOT.relativize(page) + ": " + line);
        }
      }
    }
    assertThat(gone).isEmpty();
  }

  @Test
  void thePageOfCommandsHasEveryCommandAndNoOther() {
    var page = Pages.text(Pages.ROOT.resolve("docs/commands.md"));
    var table = page.substring(page.indexOf("| command |"), page.indexOf("## Settings files"));
    var named =
        Pattern.compile("^\\| `([a-z]+)` \\|", Pattern.MULTILINE)
            .matcher(table)
            .results()
            .map(row -> row.group(1))
            .toList();
    assertThat(named)
        .as("commands in the table of docs/commands.md")
        .containsExactlyInAnyOrderElementsOf(Lorashear.commandLine().getSubcommands().keySet());
  }

  /** Lines of pages and first comments of settings files, with where they stand. */
  private static Map<String, String> shown() throws IOException {
    var shown = new TreeMap<String, String>();
    for (var page : Pages.all()) {
      var text = Pages.text(page);
      var lines = new ArrayList<>(Pages.shellLines(text));
      INLINE.matcher(text).results().forEach(found -> lines.add(found.group(1)));
      lines.stream()
          .filter(line -> COMMAND.matcher(line).matches())
          .filter(line -> !PLACEHOLDER.matcher(line).matches())
          .forEach(line -> shown.put(line, Pages.ROOT.relativize(page).toString()));
    }
    try (var files = Files.walk(Pages.ROOT.resolve("conf"))) {
      for (var file : files.filter(file -> file.toString().endsWith(".yaml")).toList()) {
        var first = Files.readAllLines(file).get(0);
        if (first.startsWith("# bin/lorashear ")) {
          shown.put(first.substring(2), Pages.ROOT.relativize(file).toString());
        }
      }
    }
    return shown;
  }

  /** As the launcher and the program take it. */
  private static ParseResult parsed(String line) {
    var words = new ArrayList<>(ShellWords.of(line));
    while (!words.get(0).endsWith("lorashear")) {
      words.remove(0);
    }
    words.remove(0);
    if (words.get(0).equals("--master")) {
      words.subList(0, 2).clear();
    }
    words.replaceAll(word -> word.replaceFirst("^~", "/home/somebody")); // a shell puts it in
    var result = Lorashear.commandLine().parseArgs(words.toArray(String[]::new));
    return result.hasSubcommand() ? result.subcommand() : result;
  }

  /** Whether there was a settings file of the repository, which then was loaded. */
  private static boolean bind(ParseResult command) throws ClassNotFoundException {
    var name = command.commandSpec().name();
    boolean first = List.of("run", "schedule", "contest").contains(name);
    var file =
        first
            ? command.matchedPositionalValue(0, Path.of(""))
            : command.matchedOptionValue("--config", Path.of(""));
    if (!file.startsWith("conf")) {
      return false;
    }
    var yaml = Pages.ROOT.resolve(file);
    var given = Overrides.given(command.matchedOptionValue("--set", List.of()));
    var recipe = command.matchedOptionValue("--recipe", (Recipe) null);
    switch (name) {
      case "run" -> new PipelineFile(yaml, of(recipe, name).and(given)).load();
      case "schedule" -> new ScheduleFile(yaml, of(recipe, name).and(given)).load();
      case "contest" -> new ContestFile(yaml, given).load();
      default ->
          Settings.load(SettingsPageTest.commands().get(name), yaml, of(recipe, name).and(given));
    }
    return true;
  }

  private static Overrides of(@Nullable Recipe recipe, String command) {
    if (recipe == null) {
      return Overrides.none();
    }
    var settings =
        switch (command) {
          case "run" -> recipe.line();
          case "schedule" -> recipe.schedule();
          case "prune" -> recipe.prune();
          default -> recipe.recover();
        };
    return Overrides.by("--recipe " + recipe, settings);
  }
}
