package io.lorashear.spark.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import org.jspecify.annotations.Nullable;

/** A JSON object with the text in one of its fields. */
final class JsonText implements Parser.OfDocuments {
  private static final long serialVersionUID = 1;

  /** How long a text may be is decided before, by the bytes of its record. */
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
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
        : document(place, json.path(file.options().textField()), line);
  }

  private static Reading document(Place place, JsonNode text, String line) {
    if (!text.isTextual()) {
      return Dropped.at(place, DropReason.NO_TEXT_FIELD, line);
    } else if (text.textValue().isBlank()) {
      return Dropped.at(place, DropReason.NO_TEXT, line);
    }
    return Document.at(place, Kind.TEXT, text.textValue().replace("\r\n", "\n").strip(), "");
  }

  /** The JSON value, or null if {@code line} is none. */
  static @Nullable JsonNode object(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return null;
    }
  }
}
