package io.lorashear.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON value and its place.
 *
 * @param file its path inside the run's folder
 * @param pointer JSON pointer inside the file (RFC 6901); "" for the whole file
 */
record Found(String file, String pointer, JsonNode node) {

  /** The missing value of a file that does not exist. */
  static Found nothing(String file) {
    return new Found(file, "", MissingNode.getInstance());
  }

  boolean exists() {
    return !node.isMissingNode() && !node.isNull();
  }

  /** A member of this object. */
  Found at(String name) {
    var step = "/" + name.replace("~", "~0").replace("/", "~1");
    return new Found(file, pointer + step, node.path(name));
  }

  /** A member of this array. */
  Found at(int index) {
    return new Found(file, pointer + "/" + index, node.path(index));
  }

  /** All members of this array; empty if it is not an array. */
  List<Found> items() {
    var items = new ArrayList<Found>();
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      items.add(at(i));
    }
    return items;
  }

  /** All members of this object by name, in its order; empty if it is not an object. */
  Map<String, Found> fields() {
    var fields = new LinkedHashMap<String, Found>();
    node.fieldNames().forEachRemaining(name -> fields.put(name, at(name)));
    return fields;
  }

  /** The member of this array whose field {@code name} is {@code value}. */
  Found where(String name, String value) {
    return items().stream()
        .filter(item -> item.at(name).text().equals(value))
        .findFirst()
        .orElseGet(() -> nothing(file));
  }

  String text() {
    return node.asText("");
  }

  /** The number; NaN if it is not a number. */
  double number() {
    return node.isNumber() ? node.doubleValue() : Double.NaN;
  }
}
