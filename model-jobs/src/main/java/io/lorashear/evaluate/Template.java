package io.lorashear.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Text with placeholders for a record's values.
 *
 * <pre>
 *   {question}            the field of that name
 *   {question.stem}       a field of a field
 *   {choices.0}           the first element of a list
 *   {choices.*.text}      every element's: the template stands for as many texts
 * </pre>
 *
 * Texts, numbers and booleans can be inserted. Braces around anything else are kept.
 */
record Template(String text) {
  private static final Pattern PLACE = Pattern.compile("\\{([\\w-]+(?:\\.(?:[\\w-]+|\\*))*)}");
  private static final String EVERY = "*";

  /** The text with its placeholders filled. */
  String fill(JsonNode fields) {
    var texts = fillEach(fields);
    if (texts.size() != 1) {
      throw new BadRecord("\"" + text + "\" stands for " + texts.size() + " texts, not one");
    }
    return texts.get(0);
  }

  /** All texts it stands for: one, or with a star one for each element of the list. */
  List<String> fillEach(JsonNode fields) {
    var filled = new ArrayList<StringBuilder>(List.of(new StringBuilder()));
    var place = PLACE.matcher(text);
    int done = 0;
    while (place.find()) {
      String before = text.substring(done, place.start());
      var values = values(fields, place.group(1));
      while (filled.size() < values.size()) {
        filled.add(new StringBuilder(filled.get(0)));
      }
      for (int i = 0; i < filled.size(); i++) {
        filled.get(i).append(before).append(values.get(values.size() == 1 ? 0 : i));
      }
      done = place.end();
    }
    String rest = text.substring(done);
    return filled.stream().map(each -> each.append(rest).toString()).toList();
  }

  private static List<String> values(JsonNode fields, String path) {
    List<JsonNode> found = List.of(fields);
    for (String step : path.split("\\.", -1)) {
      var next = new ArrayList<JsonNode>();
      for (JsonNode node : found) {
        if (step.equals(EVERY)) {
          node.forEach(next::add);
        } else {
          next.add(node.isArray() && step.matches("\\d{1,9}") ? at(node, step) : node.path(step));
        }
      }
      found = next;
    }
    if (found.isEmpty() || !found.stream().allMatch(JsonNode::isValueNode)) {
      throw new BadRecord("no text under \"" + path + "\"");
    }
    return found.stream().map(JsonNode::asText).toList();
  }

  private static JsonNode at(JsonNode list, String index) {
    return list.path(Integer.parseInt(index));
  }
}
