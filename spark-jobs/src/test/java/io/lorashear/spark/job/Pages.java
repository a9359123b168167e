package io.lorashear.spark.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The Markdown pages of the repository, as their readers find them. */
final class Pages {
  /** The repository's folder: tests run in their module's. */
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern FENCE =
      Pattern.compile("^```(\\w*)\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("\\[[^\\]\\n]*]\\(([^)\\s]+)\\)");
  private static final Pattern TITLE = Pattern.compile("^#+ (.+)$", Pattern.MULTILINE);

  private Pages() {}

  /** Where a link stands and what it names. */
  record Link(Path page, String target) {
    /** The file or folder it leads to. */
    Path file() {
      var path = target.contains("#") ? target.substring(0, target.indexOf('#')) : target;
      return path.isEmpty() ? page : page.resolveSibling(path).normalize();
    }

    /** The section of it, or nothing. */
    String section() {
      return target.contains("#") ? target.substring(target.indexOf('#') + 1) : "";
    }

    boolean leadsOutside() {
      return target.matches("[a-z]+:.*");
    }
  }

  /** README.md, CONTRIBUTING.md and all below docs. */
  static List<Path> all() throws IOException {
    var pages =
        new ArrayList<>(List.of(ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md")));
    try (var files = Files.walk(ROOT.resolve("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  static String text(Path page) {
    try {
      return Files.readString(page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Links outside code. */
  static List<Link> links(Path page, String text) {
    var prose = FENCE.matcher(text).replaceAll("").replaceAll("`[^`\\n]*`", "`code`");
    return LINK.matcher(prose).results().map(found -> new Link(page, found.group(1))).toList();
  }

  /** The sections' anchors, as GitHub makes them. */
  static List<String> anchors(String text) {
    return TITLE
        .matcher(FENCE.matcher(text).replaceAll(""))
        .results()
        .map(found -> SettingsPage.anchor(found.group(1)))
        .toList();
  }

  /** What stands in fences of no language or of a shell's, lines that go on put together. */
  static List<String> shellLines(String text) {
    var lines = new ArrayList<String>();
    FENCE
        .matcher(text)
        .results()
        .filter(found -> List.of("", "sh", "bash").contains(found.group(1)))
        .flatMap(found -> found.group(2).replaceAll("\\\\\\n\\s*", "").lines())
        .forEach(lines::add);
    return lines;
  }
}
