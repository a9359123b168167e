package io.lorashear.spark.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A JSON object with the text in one of its fields. */
final class JsonText implements Parser.OfDocuments {
  private static final long serialVersionUID = 1;

  /**
   * A parser that has no limit on text length, because records are limited earlier, and that
   * accepts NaN and Infinity, which Python writes.
   */
  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS, JsonReadFeature.ALLOW_TRAILING_COMMA)
          .build();

  @Override
  public @Nullable Reading parse(InputFile file, RawRecord record) {
    var place = file.place(record.position());
    var line = Encodings.unicode(record.bytes()).orElse(null);
    if (line == null) {
      return Dropped.at(place, DropReason.INVALID_ENCODING, record.bytes());
    } else if (line.isBlank()) {
      return null;
    }
    var json = object(line);
    return json == null
        ? Dropped.at(place, DropReason.INVALID_JSON, line)
        : document(place, json, file.options().textField());
  }

  private static Reading document(Place place, JsonNode record, String field) {
    var value = record.path(field);
    var text = isColumn(record, value) ? Optional.<String>empty() : text(value);
    if (text.isEmpty()) {
      var fields = Fields.of(List.of(record), field, List.of());
      return Dropped.at(place, DropReason.NO_TEXT_FIELD, fields + ": " + record);
    } else if (text.get().isBlank()) {
      return Dropped.at(place, DropReason.NO_TEXT, "");
    }
    var document = Document.at(place, Kind.TEXT, Encodings.lineFeeds(text.get()).strip(), "");
    return Markup.told(
        value.size() > 1 && value.isArray()
            ? document.warning(Warning.JOINED_LIST, "%d passages".formatted(value.size()))
            : document);
  }

  /** Whether the record is a table by columns: each of its fields is a list, all of one length. */
  private static boolean isColumn(JsonNode record, JsonNode value) {
    if (!value.isArray() || value.size() < 2 || record.size() < 2) {
      return false;
    }
    for (var field : record) {
      if (!field.isArray() || field.size() != value.size()) {
        return false;
      }
    }
    return true;
  }

  /**
   * The text of a field that is a text, an object with a field named text, or a list of passages. A
   * list of single words is not a text: it may be tokens, labels or names.
   */
  private static Optional<String> text(JsonNode value) {
    if (value.isTextual()) {
      return Optional.of(value.textValue());
    } else if (value.isObject()) {
      return value.path("text").isTextual() ? text(value.path("text")) : Optional.empty();
    }
    var parts = new ArrayList<String>();
    for (var each : value) {
      var part = each.isNull() ? Optional.of("") : text(each);
      if (part.isEmpty()) {
        return Optional.empty();
      }
      parts.add(part.get());
    }
    parts.removeIf(String::isBlank);
    var passages = parts.stream().filter(JsonText::severalWords).count();
    var plainly = parts.size() == 1 || passages > 0 && passages * 2 >= parts.size();
    return plainly ? Optional.of(String.join("\n", parts)) : Optional.empty();
  }

  private static boolean severalWords(String part) {
    return part.strip().chars().anyMatch(Character::isWhitespace);
  }

  /**
   * The JSON value, or null if {@code line} is not JSON. NaN and infinite numbers are missing in
   * it.
   */
  static @Nullable JsonNode object(String line) {
    try {
      var value = JSON.readTree(line);
      return line.contains("NaN") || line.contains("Inf") ? finite(value) : value;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static JsonNode finite(JsonNode value) {
    if (value instanceof ObjectNode object) {
      object.properties().forEach(field -> field.setValue(finite(field.getValue())));
    } else if (value instanceof ArrayNode array) {
      for (var i = 0; i < array.size(); i++) {
        array.set(i, finite(array.get(i)));
      }
    } else if (value.isDouble() && !Double.isFinite(value.doubleValue())) {
      return NullNode.getInstance();
    }
    return value;
  }
}
