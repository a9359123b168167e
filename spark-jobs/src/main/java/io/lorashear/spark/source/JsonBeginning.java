package io.lorashear.spark.source;

import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.lorashear.spark.source.record.Layout;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The beginning of a file that may be JSON, and the layout of its values: lines, or anything else.
 * Text may begin with a bracket too, so the whole first value is checked, as far as it is
 * available.
 *
 * @param start beginning of the file, without leading white space
 * @param cutOff whether the file continues
 */
record JsonBeginning(String start, boolean cutOff) {
  private static final Pattern OBJECT = Pattern.compile("^\\{\\s*[\"“”}]");
  private static final Pattern KEY =
      Pattern.compile("^\\{\\s*[\"“”](?:[^\"“”\\\\\\n]|\\\\.)*[\"“”]\\s*:");

  /** Precedes a record in RFC 7464. */
  private static final String RECORD_SEPARATOR = "\u001e";

  /**
   * Number of consecutive quoted lines from which on a file counts as JSON strings; fewer may be
   * dialogue.
   */
  private static final int QUOTED = 3;

  /** Lists that are a conversation's turns in some data sets, and all records in others. */
  private static final Set<String> MAY_HOLD_RECORDS = Set.of("data", "items");

  /** Layout of its values; empty if it is not JSON. */
  Optional<Layout> layout(Collection<String> fields) {
    if (start.startsWith(RECORD_SEPARATOR)) {
      return Optional.of(Layout.USUAL);
    } else if (OBJECT.matcher(start).find()) {
      var list = list(fields);
      return list.isPresent() ? list.map(Layout.JsonValues::new) : objects();
    } else if (start.startsWith("[")) {
      return array(fields);
    }
    var lines = lines();
    var quoted = start.startsWith("\"") && lines.size() >= QUOTED && allJson(lines);
    return quoted || mostlyObjects(lines) ? Optional.of(Layout.USUAL) : Optional.empty();
  }

  /** Whether nearly all lines are objects; one or two lines before them may describe them. */
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

  private Optional<Layout> array(Collection<String> fields) {
    var values = Optional.<Layout>of(new Layout.JsonValues(""));
    var ofObjects = KEY.matcher(start.substring(1).stripLeading()).find();
    try {
      var rest = start.substring(end());
      var lines = lines();
      var oneEach = lines.size() > 1 && allJson(lines);
      if (rest.isBlank() || ofObjects && !(oneEach && noRecord(fields))) {
        return values;
      }
      return oneEach ? Optional.of(Layout.USUAL) : Optional.empty();
    } catch (JsonEOFException e) {
      return values;
    } catch (IOException e) {
      return ofObjects ? values : Optional.empty();
    }
  }

  /** Whether the first array's first object is a part of a record: a turn of a conversation. */
  private boolean noRecord(Collection<String> fields) {
    var first = JsonText.object(start.lines().findFirst().orElse(""));
    return first != null && fields.stream().noneMatch(first.path(0)::has);
  }

  /** The end of the first value. */
  private int end() throws IOException {
    try (var parser = JsonText.JSON.createParser(start)) {
      parser.nextToken();
      parser.skipChildren();
      return (int) parser.currentLocation().getCharOffset();
    }
  }

  /**
   * Whether the first value ends in its first line, and the next one follows soon after a line end.
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

  /**
   * The list in the first object whose elements are records, if the object itself is not a record.
   */
  private Optional<String> list(Collection<String> fields) {
    var own = new HashSet<String>();
    var found = new LinkedHashSet<String>();
    try (var parser = JsonText.JSON.createParser(start)) {
      parser.nextToken();
      while (parser.nextToken() != null && !parser.getParsingContext().inRoot()) {
        if (parser.currentToken() == JsonToken.FIELD_NAME
            && fields.contains(parser.currentName())) {
          var outside = parser.getParsingContext().getParent();
          if (outside.inRoot()) {
            own.add(parser.currentName());
          }
          listOf(outside).ifPresent(found::add);
        }
      }
    } catch (IOException e) { // the beginning ends here
      return list(own, found);
    }
    return list(own, found);
  }

  private static Optional<String> list(Set<String> own, Set<String> found) {
    var list = found.stream().findFirst();
    own.removeIf(name -> MAY_HOLD_RECORDS.contains(name) && found.contains(name));
    return own.isEmpty() ? list : Optional.empty();
  }

  /**
   * The field of the outermost object whose list has the elements {@code elements}, if there is
   * one.
   */
  private static Optional<String> listOf(JsonStreamContext elements) {
    return elements.inArray()
            && elements.getParent().inObject()
            && elements.getParent().getParent().inRoot()
        ? Optional.of(elements.getParent().getCurrentName())
        : Optional.empty();
  }
}
