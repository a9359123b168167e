package io.lorashear.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A value and where it stands.
 *
 * @param file its path inside the run's folder
 * @param pointer to it inside the file (RFC 6901); "" for all of the file
 */
record Found(String file, String pointer, JsonNode node) {

  /** Of a file that is not there. */
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

  /** All members of this array; none where it is none. */
  List<Found> items() {
    var items = new ArrayList<Found>();
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      items.add(at(i));
    }
    return items;
  }

  /** All members of this object by name, in its order; none where it is none. */
  Map<String, Found> fields() {
    var fields = new LinkedHashMap<String, Found>();
    node.fieldNames().forEachRemaining(name -> fields.put(name, at(name)));
    return fields;
  }

  /** The member of this array whose field {@code name} says {@code value}. */
  Found where(String name, String value) {
    return items().stream()
        .filter(item -> item.at(name).text().equals(value))
        .findFirst()
        .orElseGet(() -> nothing(file));
  }

  String text() {
    return node.asText("");
  }

  /** NaN where it is no number. */
  double number() {
    return node.isNumber() ? node.doubleValue() : Double.NaN;
  }
}
