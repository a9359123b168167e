package io.lorashear.spark.job;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** README and docs/ lead where they say, and the page of the architecture knows every room. */
class PagesTest {
  private static final Path ARCHITECTURE = Pages.ROOT.resolve("docs/architecture.md");

  @Test
  void everyRelativeLinkLeadsToAFileAndASection() throws IOException {
    var broken = new ArrayList<String>();
    for (var page : Pages.all()) {
      for (var link : Pages.links(page, Pages.text(page))) {
        var place = Pages.ROOT.relativize(page) + ": " + link.target();
        if (link.leadsOutside()) {
          continue;
        } else if (!Files.exists(link.file())) {
          broken.add(place + " leads to no file");
        } else if (!link.section().isEmpty()
            && !Pages.anchors(Pages.text(link.file())).contains(link.section())) {
          broken.add(place + " leads to no section");
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyPageIsReachedFromTheReadme() throws IOException {
    var reached = new TreeSet<Path>();
    var next = new ArrayList<>(List.of(Pages.ROOT.resolve("README.md")));
    while (!next.isEmpty()) {
      var page = next.remove(0);
      if (page.toString().endsWith(".md") && reached.add(page)) {
        Pages.links(page, Pages.text(page)).stream()
            .filter(link -> !link.leadsOutside())
            .forEach(link -> next.add(link.file()));
      }
    }
    assertThat(reached).containsAll(Pages.all());
  }

  @Test
  void theArchitectureNamesEveryRoomAndNoOther() throws IOException {
    var rooms = new TreeSet<String>();
    for (var module : List.of("model-jobs", "spark-jobs")) {
      var root = Pages.ROOT.resolve(module).resolve("src/main/java/io/lorashear");
      try (var files = Files.walk(root)) {
        files
            .filter(file -> file.getFileName().toString().equals("package-info.java"))
            .map(file -> root.relativize(file.getParent()).toString())
            .filter(room -> !room.isEmpty() && !room.equals("spark"))
            .forEach(rooms::add);
      }
    }
    var text = Pages.text(ARCHITECTURE);
    var table = text.substring(text.indexOf("## Rooms"));
    var named = new TreeSet<String>();
    Pattern.compile("^\\| (`[^|]*) \\|", Pattern.MULTILINE)
        .matcher(table)
        .results()
        .forEach(row -> named.addAll(List.of(row.group(1).replace("`", "").split(", "))));
    var missing = new TreeSet<>(rooms);
    missing.removeAll(named);
    assertThat(missing)
        .as("rooms that the table of docs/architecture.md lacks: add a line for each")
        .isEmpty();
    var gone = new TreeSet<>(named);
    gone.removeAll(rooms);
    assertThat(gone).as("rooms of that table that are no packages: take them out").isEmpty();
  }

  /** Words between the dots of a message stand in a source file, one after the other. */
  @Test
  void everyMessageThatTroubleshootingExplainsIsOneOfTheProgram() throws IOException {
    var told = literals();
    var unknown = new ArrayList<String>();
    Pattern.compile("^\\| `([^`]+)` \\|", Pattern.MULTILINE)
        .matcher(Pages.text(Pages.ROOT.resolve("docs/troubleshooting.md")))
        .results()
        .map(found -> found.group(1))
        .filter(message -> !told.matches("(?s).*" + pattern(message) + ".*"))
        .forEach(unknown::add);
    assertThat(unknown).as("messages that no source has: say what the program says").isEmpty();
  }

  private static String pattern(String message) {
    return Stream.of(message.split("…", -1)).map(Pattern::quote).collect(joining("[^\n]{0,80}"));
  }

  /** Source text of the program and its launcher, strings over several lines put together. */
  private static String literals() throws IOException {
    var text = new StringBuilder();
    for (var module : List.of("model-jobs", "spark-jobs")) {
      try (var files = Files.walk(Pages.ROOT.resolve(module).resolve("src/main/java"))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .map(Pages::text)
            .forEach(text::append);
      }
    }
    text.append(Pages.text(Pages.ROOT.resolve("bin/lorashear")));
    return text.toString().replaceAll("\"\\s*\\+\\s*\"", "");
  }

  @Test
  void equationTwoIsTwoLinksFromTheReadme() {
    var readme = Pages.ROOT.resolve("README.md");
    assertThat(Pages.links(readme, Pages.text(readme)).stream().map(Pages.Link::file))
        .contains(ARCHITECTURE);
    var row =
        Pages.text(ARCHITECTURE)
            .lines()
            .filter(line -> line.startsWith("| equation 2 |"))
            .findFirst()
            .orElseThrow();
    var links = Pages.links(ARCHITECTURE, row).stream().map(Pages.Link::file).toList();
    assertThat(links).hasSize(2);
    assertThat(Pages.text(links.get(0))).contains("equation 2", "x̃ = x + sBA − λ·x/‖x‖");
    assertThat(links.get(1).toString()).contains("src/test/java").endsWith("Test.java");
  }

  @Test
  void theHostedCheckIsTheScriptOnTheJavaOfTheBuild() {
    Map<String, Object> workflow =
        new Yaml().load(Pages.text(Pages.ROOT.resolve(".github/workflows/ci.yml")));
    var told = String.valueOf(workflow.get("jobs"));
    assertThat(told).contains("run=.ci/run", "java-version=17");
    assertThat(Pages.ROOT.resolve(".ci/run")).isExecutable();
    assertThat(Pages.text(Pages.ROOT.resolve("pom.xml")))
        .contains("<maven.compiler.release>17</maven.compiler.release>");
  }
}
