package io.lorashear.spark.source.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.source.record.RawRecord.State;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonElementsTest {
  private static final int LIMIT = 100_000;

  private static List<RawRecord> cut(InputStream content) throws IOException {
    var found = new ArrayList<RawRecord>();
    new JsonElements("", List.of()).cut(content, LIMIT).forEachRemaining(found::add);
    return found;
  }

  private static List<RawRecord> cut(String text) throws IOException {
    return cut(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String text(RawRecord record) {
    return new String(record.bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void elementsComeAsTheyStand() throws IOException {
    var records = cut("\uFEFF [ {\"a\": \"]},{\\\"é🦙\"} ,\n{\"b\":[{}, {\"c\": 1}]}, 7, [1, 2]]");
    assertThat(records)
        .extracting(JsonElementsTest::text)
        .containsExactly("{\"a\": \"]},{\\\"é🦙\"}", "{\"b\":[{}, {\"c\": 1}]}", "7", "[1,2]");
    assertThat(records).extracting(RawRecord::state).containsOnly(State.WHOLE);
  }

  /** One string, or many small ones: what follows is read, whatever was left out. */
  @ParameterizedTest
  @ValueSource(ints = {99_985, 100_001, 165_000, 1_000_000})
  void anElementAboveTheLimitIsNamedAndTheNextOnesAreRead(int length) throws IOException {
    var one = "{\"text\":\"" + "x".repeat(length) + "\"}";
    var many = "{\"text\":[" + "\"ab\",".repeat(length / 5) + "\"ab\"],\"more\":\"fifteen\"}";
    var records = cut("[{\"n\":1}," + one + ",{\"n\":2}, " + many + " ,{\"n\":3}]");
    assertThat(records).hasSize(5);
    for (int i : new int[] {0, 2, 4}) {
      assertThat(text(records.get(i))).isEqualTo("{\"n\":" + (i / 2 + 1) + "}");
    }
    for (int i : new int[] {1, 3}) {
      var whole = i == 1 ? one : many;
      boolean fits = whole.length() <= LIMIT;
      assertThat(records.get(i).state()).isEqualTo(fits ? State.WHOLE : State.TOO_LONG);
      assertThat(whole).startsWith(text(records.get(i)));
    }
  }

  /** 300 MB in one element: in a test's heap only if nothing is made of it. */
  @Test
  void anElementOfAnyLengthTakesNoMemory() throws IOException {
    var parts = new ArrayList<InputStream>();
    parts.add(bytes("[{\"text\":\""));
    var piece = "y".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 300; i++) {
      parts.add(new ByteArrayInputStream(piece));
    }
    parts.add(bytes("\"},{\"n\":1}]"));
    var records = cut(new SequenceInputStream(Collections.enumeration(parts)));
    assertThat(records).extracting(RawRecord::state).containsExactly(State.TOO_LONG, State.WHOLE);
    assertThat(text(records.get(0))).startsWith("{\"text\":\"yyy");
    assertThat(text(records.get(1))).isEqualTo("{\"n\":1}");
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }
}
