package io.lorashear.spark.job;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** docs/formats.md as its readers take it: which files there are, and which fields they have. */
record FormatsPage(List<Part> parts) {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern NAME = Pattern.compile("N{5,}|NAME|TASK|SOURCE|SPLIT");
  private static final Pattern PLACE = Pattern.compile("\\b[A-Z]{4,}\\b");
  private static final String BELOW = "…";

  /**
   * A section.
   *
   * @param intro what stands above its first table
   * @param files the fields of every file by its name; none where the section only names it
   */
  record Part(String title, StringBuilder intro, Map<String, List<Field>> files) {
    /** Whether the section is about what this stage publishes, or about this kind. */
    boolean of(String stage, String kind) {
      var by = intro.toString().lines().filter(line -> line.startsWith("Published by ")).toList();
      return by.stream().anyMatch(line -> line.split("\\. |[.;]$")[0].contains("`" + stage + "`"))
          || intro.indexOf("`kind: " + kind + "`") >= 0;
    }

    /** Every entry that means this file; nothing where it is none of this section. */
    List<Map.Entry<String, List<Field>>> file(String name) {
      return files.entrySet().stream()
          .filter(file -> pattern(file.getKey()).matcher(name).matches())
          .toList();
    }

    private static Pattern pattern(String name) {
      var text = new StringBuilder();
      int end = 0;
      var names = Pattern.compile(NAME.pattern() + "|" + BELOW).matcher(name);
      while (names.find()) {
        text.append(Pattern.quote(name.substring(end, names.start())));
        text.append(names.group().equals(BELOW) ? ".+" : "[^/]+");
        end = names.end();
      }
      return Pattern.compile(text + Pattern.quote(name.substring(end)));
    }
  }

  /**
   * A row of a table.
   *
   * @param path {@code groups[].cursors[].pass}: steps from the top of the file; a step in capital
   *     letters stands for any name, … for all that is below
   * @param type of a column of Parquet, otherwise nothing
   */
  record Field(String path, String type) {
    boolean matches(Value value) {
      var own = List.of(path.split("\\."));
      int length = own.size() - (isOpen() ? 1 : 0);
      var steps = value.steps();
      return (isOpen() ? steps.size() >= length : steps.size() == length)
          && begins(own, steps, length);
    }

    /** Whether an empty value could hold this field. */
    boolean liesIn(Value value) {
      var own = List.of(path.split("\\."));
      int length = value.steps().size();
      return value.empty() && own.size() > length && begins(own, value.steps(), length);
    }

    private boolean isOpen() {
      return path.endsWith(BELOW);
    }

    private boolean begins(List<String> own, List<String> steps, int length) {
      return IntStream.range(0, length)
          .allMatch(i -> step(own.get(i), steps.get(i), isOpen() && i == own.size() - 2));
    }

    private static boolean step(String own, String found, boolean open) {
      var name = own.replace("[]", "");
      var foundName = found.replace("[]", "");
      return (open || own.substring(name.length()).equals(found.substring(foundName.length())))
          && foundName.matches(
              Stream.of(PLACE.split(name, -1)).map(Pattern::quote).collect(joining(".+")));
    }
  }

  static FormatsPage read(Path page) {
    var parts = new ArrayList<Part>();
    var file = new ArrayList<Field>();
    var table = "";
    for (var line : Pages.text(page).lines().toList()) {
      if (line.startsWith("## ")) {
        parts.add(new Part(line.substring(3), new StringBuilder(), new LinkedHashMap<>()));
      } else if (line.startsWith("### ")) {
        file = new ArrayList<>();
        for (var name : codes(line)) {
          parts.get(parts.size() - 1).files().put(name, file);
        }
      } else if (!line.startsWith("| ") && !line.startsWith("|-")) {
        table = "";
        if (!parts.isEmpty()) {
          parts.get(parts.size() - 1).intro().append(line).append('\n');
        }
      } else if (table.isEmpty()) {
        table = line;
      } else if (table.startsWith("| file ")) {
        codes(cells(line).get(0))
            .forEach(name -> parts.get(parts.size() - 1).files().put(name, List.of()));
      } else if (!line.startsWith("|-")) {
        var type = table.startsWith("| column ") ? cells(line).get(1) : "";
        codes(cells(line).get(0)).stream().map(name -> new Field(name, type)).forEach(file::add);
      }
    }
    return new FormatsPage(parts);
  }

  private static List<String> cells(String line) {
    return Stream.of(line.split("\\|")).skip(1).map(String::strip).toList();
  }

  private static List<String> codes(String text) {
    return CODE.matcher(text).results().map(found -> found.group(1)).toList();
  }

  /**
   * A value of a file.
   *
   * @param steps that lead to it
   * @param empty whether it is a list or an object that holds nothing
   */
  record Value(List<String> steps, boolean empty) {
    static List<Value> of(JsonNode file) {
      var found = new ArrayList<Value>();
      add(file, List.of(), found);
      return found;
    }

    private static void add(JsonNode node, List<String> steps, List<Value> found) {
      if (node.isContainerNode() && node.isEmpty()) {
        found.add(new Value(node.isArray() ? listed(steps) : steps, true));
      } else if (node.isObject()) {
        for (var field : node.properties()) {
          var below = new ArrayList<>(steps);
          below.add(field.getKey());
          add(field.getValue(), below, found);
        }
      } else if (node.isArray()) {
        var below = listed(steps);
        node.forEach(element -> add(element, below, found));
      } else {
        found.add(new Value(steps, false));
      }
    }

    private static List<String> listed(List<String> steps) {
      var listed = new ArrayList<>(steps);
      listed.set(steps.size() - 1, steps.get(steps.size() - 1) + "[]");
      return listed;
    }
  }
}
