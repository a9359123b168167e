package io.lorashear.spark.source.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorashear.spark.source.record.RawRecord.State;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The elements of one JSON array, their position being their number from 0; or, where the file does
 * not begin with a bracket, its lines.
 */
public final class JsonElements implements Cutter {
  private static final long serialVersionUID = 1;

  @Override
  public Iterator<RawRecord> cut(InputStream content, int limit) throws IOException {
    var buffered = new BufferedInputStream(content, 1 << 16);
    return first(buffered) == '['
        ? new Elements(buffered, limit)
        : new Delimited("\n", StandardCharsets.UTF_8).cut(buffered, limit);
  }

  /** First byte that is neither white space nor a byte-order mark, or -1; reads nothing off. */
  private static int first(InputStream content) throws IOException {
    content.mark(1 << 16);
    var b = content.read();
    while (b == ' ' || b == '\n' || b == '\r' || b == '\t' || b == 0xEF || b == 0xBB || b == 0xBF) {
      b = content.read();
    }
    content.reset();
    return b;
  }

  private static final class Elements extends Pull<RawRecord> {
    private final JsonMapper mapper;
    private final KeptBytes content;
    private final JsonParser parser;
    private final int limit;
    private long item;

    Elements(InputStream content, int limit) throws IOException {
      this.limit = limit;
      this.content = new KeptBytes(content, limit);
      mapper = new JsonMapper();
      mapper
          .getFactory()
          .setStreamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(limit).maxNestingDepth(64).build());
      parser = mapper.createParser(this.content);
      parser.nextToken();
    }

    @Override
    protected @Nullable RawRecord advance() throws IOException {
      if (parser.nextToken() == JsonToken.END_ARRAY) {
        return null;
      }
      long start = parser.currentTokenLocation().getByteOffset();
      if (start < 0
          || parser.currentToken() != JsonToken.START_OBJECT) { // not in UTF-8, or no item
        return record(mapper.writeValueAsBytes(mapper.<JsonNode>readTree(parser)));
      }
      content.forget(start);
      parser.skipChildren(); // without making anything of it, however long it is
      return record(content.until(parser.currentLocation().getByteOffset()));
    }

    private RawRecord record(byte[] bytes) {
      return bytes.length <= limit
          ? RawRecord.numbered(item++, bytes, State.WHOLE)
          : RawRecord.numbered(item++, Arrays.copyOf(bytes, RawRecord.BEGINNING), State.TOO_LONG);
    }
  }
}
