package io.lorashear.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes settings as JSON. */
record SettingsJson(boolean canonical) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.withExactBigDecimals(false);

  static ObjectNode all(Record settings) {
    return new SettingsJson(false).fields(settings);
  }

  static String canonical(Record settings) {
    return new SettingsJson(true).fields(settings).toString();
  }

  /** One value, as it may be written in a settings file. */
  static String text(Object value) {
    return new SettingsJson(false).value(value).toString();
  }

  private ObjectNode fields(Record settings) {
    var components = new RecordType(settings.getClass()).components().stream();
    if (canonical) {
      components = components.sorted(Comparator.comparing(component -> component.getName()));
    }
    var node = JSON.objectNode();
    components.forEach(
        component -> put(node, component.getName(), RecordType.value(component, settings)));
    return node;
  }

  private void put(ObjectNode node, String name, Object value) {
    if (!canonical || !isPath(value)) {
      node.set(name, value(value));
    }
  }

  private static boolean isPath(Object value) {
    return value instanceof Path
        || (value instanceof Optional<?> inner && inner.isPresent() && isPath(inner.get()));
  }

  private JsonNode value(Object value) {
    if (value instanceof Record record) {
      return fields(record);
    } else if (value instanceof List<?> list) {
      ArrayNode node = JSON.arrayNode();
      list.stream()
          .filter(item -> !canonical || !isPath(item))
          .forEach(item -> node.add(value(item)));
      return node;
    } else if (value instanceof Map<?, ?> map) {
      ObjectNode node = JSON.objectNode();
      map.forEach((name, item) -> put(node, String.valueOf(name), item));
      return node;
    } else if (value instanceof Optional<?> inner) {
      return inner.isPresent() ? value(inner.get()) : NullNode.instance;
    } else if (value instanceof Enum<?> constant) {
      return JSON.textNode(Settings.word(constant));
    } else if (value instanceof Double number) {
      return JSON.numberNode(number.doubleValue());
    } else if (value instanceof Integer || value instanceof Long) {
      return JSON.numberNode(((Number) value).longValue());
    } else if (value instanceof Boolean truth) {
      return JSON.booleanNode(truth);
    }
    return JSON.textNode(value.toString());
  }
}
