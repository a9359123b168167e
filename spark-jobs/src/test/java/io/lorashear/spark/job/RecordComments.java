package io.lorashear.spark.job;

import io.lorashear.settings.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What the Javadoc of a settings record says, as Markdown.
 *
 * @param about what stands before the first {@code @param}
 * @param components what is said of each component, by its name
 */
record RecordComments(String about, Map<String, String> components) {
  private static final Pattern PARAMETER =
      Pattern.compile("@param (\\w+)(.*?)(?=@param |\\z)", Pattern.DOTALL);
  private static final Pattern TAG = Pattern.compile("\\{@(?:code|link) ([^{}]*)}");
  private static final Pattern DRAWING = Pattern.compile("<pre>(.*?)</pre>", Pattern.DOTALL);

  /** The comment above {@code type} in its source file of either module. */
  static RecordComments of(Class<?> type) {
    var source = source(type);
    int record = source.indexOf("record " + type.getSimpleName() + "(");
    int begin = source.lastIndexOf("/**", record);
    int end = source.indexOf("*/", begin);
    if (begin < 0 || end > record) {
      throw new AssertionError(type + " has no Javadoc");
    }
    var comment = source.substring(begin + 3, end).replaceAll("(?m)^\\s*\\* ?", "");
    int first = comment.indexOf("@param ");
    var components = new TreeMap<String, String>();
    var matcher = PARAMETER.matcher(comment);
    while (matcher.find()) {
      components.put(matcher.group(1), line(matcher.group(2)));
    }
    return new RecordComments(
        paragraphs(first < 0 ? comment : comment.substring(0, first)), components);
  }

  /**
   * What the Javadoc of an enum's constants says, by their word in settings; none for the silent.
   */
  static Map<String, String> ofConstants(Class<?> type) {
    var source = source(type);
    int begin = source.indexOf("enum " + type.getSimpleName());
    var comments = new LinkedHashMap<String, String>();
    for (var constant : type.getEnumConstants()) {
      var name = ((Enum<?>) constant).name();
      var matcher =
          Pattern.compile("/\\*\\*((?:(?!\\*/).)*)\\*/\\s*" + name + "\\b", Pattern.DOTALL)
              .matcher(source);
      if (matcher.find(begin)) {
        var said = line(matcher.group(1).replaceAll("(?m)^\\s*\\* ?", ""));
        comments.put(Settings.word((Enum<?>) constant), said.replaceAll("\\.$", ""));
      }
    }
    return comments;
  }

  private static String source(Class<?> type) {
    var outer = type;
    while (outer.getEnclosingClass() != null) {
      outer = outer.getEnclosingClass();
    }
    var name = "src/main/java/" + outer.getName().replace('.', '/') + ".java";
    for (var module : List.of("model-jobs", "spark-jobs")) {
      var file = Path.of("..", module, name);
      if (Files.exists(file)) {
        try {
          return Files.readString(file);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    throw new AssertionError(name + " is in neither module");
  }

  /** Drawings in fences, everything else a line a paragraph. */
  private static String paragraphs(String comment) {
    var text = new StringBuilder();
    var matcher = DRAWING.matcher(comment);
    int from = 0;
    while (matcher.find()) {
      prose(comment.substring(from, matcher.start()), text);
      text.append("```\n").append(plain(matcher.group(1).stripTrailing().stripIndent()).strip());
      text.append("\n```\n\n");
      from = matcher.end();
    }
    prose(comment.substring(from), text);
    return text.toString().strip();
  }

  private static void prose(String comment, StringBuilder text) {
    for (var paragraph : comment.split("<p>")) {
      var line = line(paragraph);
      text.append(line).append(line.isEmpty() ? "" : "\n\n");
    }
  }

  private static String line(String text) {
    return plain(text.replaceAll("\\s+", " ").strip());
  }

  private static String plain(String text) {
    return TAG.matcher(text)
        .replaceAll("`$1`")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
  }
}
