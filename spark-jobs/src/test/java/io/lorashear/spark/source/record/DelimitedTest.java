package io.lorashear.spark.source.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.source.record.RawRecord.State;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class DelimitedTest {

  @Property
  void recordsAreWhatSplittingAtTheDelimiterGives(
      @ForAll @Chars({'a', 'b', 'c'}) @StringLength(max = 40) String text) {
    for (var delimiter : List.of("a", "ab", "aab", "abab")) {
      var expected = List.of(text.split(Pattern.quote(delimiter), -1));
      var found = texts(text, delimiter);
      var ended = text.isEmpty() || text.endsWith(delimiter) && found.size() < expected.size();
      assertThat(found).isEqualTo(ended ? expected.subList(0, expected.size() - 1) : expected);
    }
  }

  @Test
  void positionsAreOffsetsAndTheEndIsTold() {
    var records = records("one;two;three", ";", 100);
    assertThat(records.stream().map(RawRecord::position))
        .containsExactly("0000000000", "0000000004", "0000000008");
    assertThat(records.stream().map(RawRecord::state))
        .containsExactly(State.WHOLE, State.WHOLE, State.LAST);
  }

  @Test
  void whatIsTooLongKeepsItsBeginningAndTheNextIsWhole() {
    var records = records("x".repeat(1000) + ";two;" + "y".repeat(10) + ";", ";", 10);
    assertThat(records.stream().map(RawRecord::state))
        .containsExactly(State.TOO_LONG, State.WHOLE, State.WHOLE);
    assertThat(records.get(0).bytes()).hasSize(10);
  }

  private static List<String> texts(String text, String delimiter) {
    return records(text, delimiter, 1000).stream()
        .map(record -> new String(record.bytes(), UTF_8))
        .toList();
  }

  private static List<RawRecord> records(String text, String delimiter, int limit) {
    var records = new ArrayList<RawRecord>();
    new Delimited(delimiter, UTF_8)
        .cut(new ByteArrayInputStream(text.getBytes(UTF_8)), limit)
        .forEachRemaining(records::add);
    return records;
  }
}
