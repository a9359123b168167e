package io.lorashear.spark.source.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorashear.spark.source.record.RawRecord.State;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JSON values in UTF-8, whose position is their number from 0: the elements of arrays, objects one
 * after another over any number of lines, or the elements of one list of an outermost object.
 *
 * @param list field of outermost objects with the records; empty if records are outermost
 *     themselves
 * @param fields fields of records: a second list whose first element has one of them must not be
 *     mixed with the first
 */
public record JsonElements(String list, List<String> fields) implements Cutter {
  private static final long serialVersionUID = 1;

  @Override
  public Iterator<RawRecord> cut(InputStream content, int limit) throws IOException {
    return new Elements(new BufferedInputStream(content, 1 << 16), limit);
  }

  private final class Elements extends Pull<RawRecord> {
    private final JsonMapper mapper;
    private final KeptBytes content;
    private final JsonParser parser;
    private final int limit;
    private boolean inside;
    private long item;

    Elements(InputStream content, int limit) throws IOException {
      this.limit = limit;
      this.content = new KeptBytes(content, limit);
      mapper =
          JsonMapper.builder()
              .enable(
                  JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS, JsonReadFeature.ALLOW_TRAILING_COMMA)
              .build();
      mapper
          .getFactory()
          .setStreamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(limit).maxNestingDepth(64).build());
      parser = mapper.createParser(this.content);
    }

    @Override
    protected @Nullable RawRecord advance() throws IOException {
      for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (inside && token == JsonToken.END_ARRAY) {
          inside = false;
        } else if (inside) {
          return element(token);
        } else if (!list.isEmpty()) {
          open(token);
        } else if (token == JsonToken.START_ARRAY) {
          inside = true;
        } else {
          return element(token);
        }
      }
      return null;
    }

    private RawRecord element(JsonToken token) throws IOException {
      if (token != JsonToken.START_OBJECT) {
        return record(mapper.writeValueAsBytes(mapper.<JsonNode>readTree(parser)));
      }
      content.forget(parser.currentTokenLocation().getByteOffset());
      parser.skipChildren(); // without building the value, however long it is
      return record(content.until(parser.currentLocation().getByteOffset()));
    }

    /** Enters the list if {@code token} is its name; skips other fields. */
    private void open(JsonToken token) throws IOException {
      if (token == JsonToken.FIELD_NAME) {
        var name = parser.currentName();
        var value = parser.nextToken();
        if (value == JsonToken.START_ARRAY && name.equals(list)) {
          inside = true;
        } else if (value == JsonToken.START_ARRAY && parser.nextToken() != JsonToken.END_ARRAY) {
          passOver(name);
        } else {
          parser.skipChildren();
        }
      }
    }

    /**
     * Skips a field; fails on a second list of records, which may be a test split that must not be
     * mixed with the first.
     */
    private void passOver(String name) throws IOException {
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          if (fields.contains(parser.currentName())) {
            throw new SecondListException(list, name);
          }
          parser.nextToken();
          parser.skipChildren();
        }
      }
      do {
        parser.skipChildren();
      } while (parser.nextToken() != JsonToken.END_ARRAY);
    }

    private RawRecord record(byte[] bytes) {
      return bytes.length <= limit
          ? RawRecord.numbered(item++, bytes, State.WHOLE)
          : RawRecord.numbered(item++, Arrays.copyOf(bytes, RawRecord.BEGINNING), State.TOO_LONG);
    }
  }
}
