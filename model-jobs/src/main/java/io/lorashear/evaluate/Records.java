package io.lorashear.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * Turns the records of a file into questions; records that cannot become one are counted by reason.
 */
final class Records {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Records() {}

  /** Makes one question from the record at {@code index} of its file. */
  interface Maker {
    Item item(JsonNode fields, int index);
  }

  /** Reads one object per line. Empty lines are skipped and not counted as records. */
  static Items ofJsonLines(Path file, Maker maker) {
    List<String> lines = TextLines.of(file).stream().filter(line -> !line.isBlank()).toList();
    return each(lines.size(), index -> maker.item(fields(lines.get(index)), index));
  }

  /** Reads one object per line, or a single list of objects. */
  static Items ofJson(Path file, Maker maker) {
    List<String> lines = TextLines.of(file);
    boolean isList =
        lines.stream().filter(line -> !line.isBlank()).findFirst().orElse("").startsWith("[");
    if (!isList) {
      return ofJsonLines(file, maker);
    }
    try {
      JsonNode list = JSON.readTree(String.join("\n", lines));
      return each(list.size(), index -> maker.item(list.path(index), index));
    } catch (JsonProcessingException e) {
      throw new InputException(e, "%s is no JSON list (%s)", file, e.getOriginalMessage());
    }
  }

  static Items each(int count, IntFunction<Item> maker) {
    var items = new ArrayList<Item>();
    var dropped = new TreeMap<String, Integer>();
    for (int index = 0; index < count; index++) {
      try {
        items.add(maker.apply(index));
      } catch (BadRecord e) {
        dropped.merge(e.reason(), 1, Integer::sum);
      }
    }
    return new Items(items, dropped);
  }

  private static JsonNode fields(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new BadRecord("not JSON");
    }
  }

  static String text(JsonNode fields, String name) {
    JsonNode value = fields.path(name);
    if (!value.isTextual()) {
      throw new BadRecord("no text under \"" + name + "\"");
    }
    return value.textValue();
  }

  static String textOr(JsonNode fields, String name, String otherwise) {
    return fields.path(name).isValueNode() ? fields.path(name).asText() : otherwise;
  }

  static List<String> texts(JsonNode fields, String name) {
    var texts = new ArrayList<String>();
    for (JsonNode value : fields.path(name)) {
      if (!value.isTextual()) {
        throw new BadRecord("\"" + name + "\" holds something else than texts");
      }
      texts.add(value.textValue());
    }
    return atLeastTwo(texts);
  }

  static List<String> atLeastTwo(List<String> choices) {
    if (choices.size() < 2) {
      throw new BadRecord("fewer than two choices");
    }
    return choices;
  }

  /** Returns {@code answer} if it is the index of one of {@code count} choices. */
  static int index(int answer, int count) {
    if (answer < 0 || answer >= count) {
      throw new BadRecord("the answer is none of the choices");
    }
    return answer;
  }
}
