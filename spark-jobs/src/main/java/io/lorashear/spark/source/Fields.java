package io.lorashear.spark.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;

/** The fields of some records, among which the user chooses. */
final class Fields {
  private static final int MOST = 16;

  private Fields() {}

  /**
   * Names of the fields in order of appearance, and the kind of the wanted one.
   *
   * @param wanted name of the field that should hold text
   * @param columns columns that the records may have without listing them
   */
  static String of(List<JsonNode> records, String wanted, Collection<String> columns) {
    var kinds = new LinkedHashMap<String, String>();
    columns.forEach(name -> kinds.put(name, ""));
    for (var record : records) {
      if (!record.isObject()) {
        kinds.putIfAbsent("no fields, but " + kind(record), "");
      }
      for (var field : record.properties()) {
        var kind = field.getKey().equals(wanted) ? " (%s)".formatted(kind(field.getValue())) : "";
        kinds.merge(field.getKey(), kind, (before, now) -> before.isEmpty() ? now : before);
      }
    }
    var names = new ArrayList<String>();
    kinds.forEach((name, kind) -> names.add(name + kind));
    return names(names);
  }

  /** The first of {@code names}, and the number of others. */
  static String names(List<String> names) {
    var more = names.size() - MOST;
    var shown = String.join(", ", names.subList(0, Math.min(names.size(), MOST)));
    return names.isEmpty()
        ? "no fields"
        : more > 0 ? shown + " and %d more".formatted(more) : shown;
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT -> "an object with " + names(List.copyOf(fieldNames(value)));
      case NULL -> "empty";
      default -> "a " + value.getNodeType().name().toLowerCase(Locale.ROOT);
    };
  }

  private static List<String> fieldNames(JsonNode value) {
    var names = new ArrayList<String>();
    value.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
