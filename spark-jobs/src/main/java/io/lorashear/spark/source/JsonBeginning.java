package io.lorashear.spark.source;

import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.lorashear.spark.source.record.Layout;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The beginning of a file that may be JSON, and how its values lie in it: lines, or anything else.
 * Text may begin with a bracket too, so that all of the first value is looked at, as far as it is
 * there.
 *
 * @param start without white space before it
 * @param cutOff whether the file goes on behind it
 */
record JsonBeginning(String start, boolean cutOff) {
  private static final Pattern OBJECT = Pattern.compile("^\\{\\s*[\"“”}]");
  private static final Pattern KEY =
      Pattern.compile("^\\{\\s*[\"“”](?:[^\"“”\\\\\\n]|\\\\.)*[\"“”]\\s*:");

  /** Marks a record of RFC 7464. */
  private static final String RECORD_SEPARATOR = "\u001e";

  /** Lines in quotation marks may be what people say, unless so many are nothing else. */
  private static final int QUOTED = 3;

  /** How its values lie; empty where it is no JSON. */
  Optional<Layout> layout(Collection<String> fields) {
    if (start.startsWith(RECORD_SEPARATOR)) {
      return Optional.of(Layout.USUAL);
    } else if (OBJECT.matcher(start).find()) {
      var list = list(fields);
      return list.isPresent() ? list.map(Layout.JsonValues::new) : objects();
    } else if (start.startsWith("[")) {
      return array();
    }
    var lines = lines();
    var quoted = start.startsWith("\"") && lines.size() >= QUOTED && allJson(lines);
    return quoted || mostlyObjects(lines) ? Optional.of(Layout.USUAL) : Optional.empty();
  }

  /** A line or two before them may say what they are. */
  private static boolean mostlyObjects(List<String> lines) {
    var objects = lines.stream().filter(line -> KEY.matcher(line).find() && json(line)).count();
    return objects >= 2 && objects * 2 >= lines.size();
  }

  private Optional<Layout> objects() {
    try {
      return Optional.of(inLines(end()) ? Layout.USUAL : new Layout.JsonValues(""));
    } catch (JsonEOFException e) {
      return Optional.of(start.indexOf('\n') < 0 ? Layout.USUAL : new Layout.JsonValues(""));
    } catch (IOException e) { // a damaged first line says nothing about the others
      var anyJson = lines().stream().anyMatch(line -> OBJECT.matcher(line).find() && json(line));
      return anyJson || KEY.matcher(start).find() ? Optional.of(Layout.USUAL) : Optional.empty();
    }
  }

  private Optional<Layout> array() {
    var values = Optional.<Layout>of(new Layout.JsonValues(""));
    if (KEY.matcher(start.substring(1).stripLeading()).find()) {
      return values;
    }
    try {
      var rest = start.substring(end());
      if (rest.isBlank()) {
        return values;
      }
      var lines = lines();
      return lines.size() > 1 && allJson(lines) ? Optional.of(Layout.USUAL) : Optional.empty();
    } catch (JsonEOFException e) {
      return values;
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Where the first value ends. */
  private int end() throws IOException {
    try (var parser = JsonText.JSON.createParser(start)) {
      parser.nextToken();
      parser.skipChildren();
      return (int) parser.currentLocation().getCharOffset();
    }
  }

  /**
   * Whether the first value ends in its first line, and the next is not far behind a line's end.
   */
  private boolean inLines(int end) {
    var line = start.indexOf('\n');
    return line >= 0 ? end <= line : !start.substring(end).stripLeading().startsWith("{");
  }

  /** Whole lines, without blank ones. */
  private List<String> lines() {
    var whole = cutOff ? start.substring(0, start.lastIndexOf('\n') + 1) : start;
    return whole.lines().filter(line -> !line.isBlank()).toList();
  }

  private static boolean allJson(List<String> lines) {
    return lines.stream().allMatch(JsonBeginning::json);
  }

  private static boolean json(String line) {
    return JsonText.object(line) != null;
  }

  /** The list in the first object whose elements are records, where the object is none itself. */
  private Optional<String> list(Collection<String> fields) {
    var found = Optional.<String>empty();
    try (var parser = JsonText.JSON.createParser(start)) {
      parser.nextToken();
      while (parser.nextToken() != null && !parser.getParsingContext().inRoot()) {
        if (parser.currentToken() == JsonToken.FIELD_NAME
            && fields.contains(parser.currentName())) {
          var outside = parser.getParsingContext().getParent();
          if (outside.inRoot()) {
            return Optional.empty();
          }
          found = found.or(() -> listOf(outside));
        }
      }
    } catch (IOException e) {
      return found; // as far as the beginning goes
    }
    return found;
  }

  /** The field of the outermost object that {@code elements} are the list of, if they are one. */
  private static Optional<String> listOf(JsonStreamContext elements) {
    return elements.inArray()
            && elements.getParent().inObject()
            && elements.getParent().getParent().inRoot()
        ? Optional.of(elements.getParent().getCurrentName())
        : Optional.empty();
  }
}
