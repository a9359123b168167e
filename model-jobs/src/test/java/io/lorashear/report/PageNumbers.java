package io.lorashear.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/** Holds a page to the files of its run: no number is another than theirs, and none has no file. */
final class PageNumbers {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern DIGIT = Pattern.compile("\\d");

  /** Numbers that are words of the page's own sentences. */
  private static final Pattern WORDS = Pattern.compile("95 %|float32|SHA-256");

  private PageNumbers() {}

  /** How many were compared. */
  static int check(Document page, Path run) throws IOException {
    var data = JSON.readTree(page.select("script#data").html());
    var numbers = page.select("data");
    for (var number : numbers) {
      var from = number.attr("data-from").split("#", 2);
      var inPage = file(data, from[0]).at(JsonPointer.compile(from[1]));
      var expected =
          from[0].equals("computed")
              ? inPage
              : onDisk(run, from[0]).at(JsonPointer.compile(from[1]));
      assertThat(inPage).as("%s", number).isEqualTo(expected);
      assertThat(expected.isNumber()).as("%s", number).isTrue();
      assertThat(Double.parseDouble(number.attr("value"))).isEqualTo(expected.doubleValue());
      shown(number, expected.doubleValue());
    }
    return numbers.size();
  }

  private static JsonNode file(JsonNode data, String name) {
    return data.path(name);
  }

  private static JsonNode onDisk(Path run, String name) throws IOException {
    if (!name.endsWith(".jsonl")) {
      return JSON.readTree(run.resolve(name).toFile());
    }
    var lines = JSON.createArrayNode();
    for (var line : Files.readAllLines(run.resolve(name))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  /** The text is the number, rounded to as many digits as it has. */
  private static void shown(Element number, double value) {
    double expected =
        switch (number.attr("data-as")) {
          case "perplexity" -> Math.exp(value);
          case "percent", "round-percent" -> value * 100;
          case "megabytes" -> value / 1_000_000;
          default -> value;
        };
    var text = number.text().replace(",", "");
    int point = text.indexOf('.');
    double half = 0.5 * Math.pow(10, point < 0 ? 0 : point - text.length() + 1) * 1.000001;
    assertThat(Double.parseDouble(text)).as("%s", number).isCloseTo(expected, within(half));
  }

  /** That no digit stands in the page but in numbers, names, settings and the drawing. */
  static void requireNoOthers(Document page) {
    var rest = page.clone();
    rest.select("data, .name, code, svg, script, style, title").remove();
    var text = WORDS.matcher(rest.text()).replaceAll("");
    assertThat(text).doesNotContainPattern(DIGIT);
  }
}
