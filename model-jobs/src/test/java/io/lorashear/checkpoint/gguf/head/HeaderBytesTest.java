package io.lorashear.checkpoint.gguf.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.gguf.block.GgmlType;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class HeaderBytesTest {

  private static Metadata read(ByteBuffer head) {
    try {
      var file = Files.createTempFile("head", ".gguf");
      Files.write(file, head.array());
      try (var mapped = MappedFile.open(file)) {
        return GgufHeader.read(mapped).metadata();
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a reader makes of a value: Long, Double, Boolean, String or a list of them. */
  private static Object plain(MetadataValue value) {
    if (value instanceof MetadataValue.Whole whole) {
      return whole.number();
    } else if (value instanceof MetadataValue.Real real) {
      return real.number();
    } else if (value instanceof MetadataValue.Flag flag) {
      return flag.value();
    } else if (value instanceof MetadataValue.Text text) {
      return text.text();
    }
    return ((MetadataValue.Array) value).values().stream().map(HeaderBytesTest::plain).toList();
  }

  private static Arbitrary<MetadataValue> single(ValueType type) {
    return switch (type) {
      case UINT8 -> whole(type, 0, 255);
      case INT8 -> whole(type, -128, 127);
      case UINT16 -> whole(type, 0, 65535);
      case INT16 -> whole(type, -32768, 32767);
      case UINT32 -> whole(type, 0, 4294967295L);
      case INT32 -> whole(type, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case UINT64, INT64 -> whole(type, Long.MIN_VALUE, Long.MAX_VALUE);
      case FLOAT32 -> Arbitraries.floats().map(MetadataValue::float32);
      case FLOAT64 ->
          Arbitraries.doubles().map(number -> new MetadataValue.Real(ValueType.FLOAT64, number));
      case BOOL -> Arbitraries.of(true, false).map(MetadataValue::flag);
      case STRING -> texts().map(MetadataValue::text);
      case ARRAY -> array(2);
    };
  }

  private static Arbitrary<MetadataValue> whole(ValueType type, long least, long greatest) {
    return Arbitraries.longs()
        .between(least, greatest)
        .map(number -> new MetadataValue.Whole(type, number));
  }

  /** Also letters beyond 16 bits. */
  private static Arbitrary<String> texts() {
    return Arbitraries.integers()
        .between(0, 0x10ffff)
        .filter(point -> point < 0xd800 || point > 0xdfff)
        .list()
        .ofMaxSize(12)
        .map(points -> points.stream().map(Character::toString).collect(Collectors.joining()));
  }

  private static Arbitrary<MetadataValue> array(int depth) {
    return Arbitraries.of(ValueType.class)
        .filter(type -> type != ValueType.ARRAY || depth > 1)
        .flatMap(
            type ->
                (type == ValueType.ARRAY ? array(depth - 1) : single(type))
                    .list()
                    .ofMaxSize(20)
                    .map(values -> new MetadataValue.Array(type, values)));
  }

  @Provide
  Arbitrary<Map<String, MetadataValue>> metadata() {
    var pair =
        Combinators.combine(
                texts(), Arbitraries.of(ValueType.class).flatMap(HeaderBytesTest::single))
            .as(Map::entry);
    return pair.list()
        .ofMaxSize(10)
        .map(
            pairs -> {
              var map = new LinkedHashMap<String, MetadataValue>();
              pairs.forEach(each -> map.put(each.getKey(), each.getValue()));
              map.remove("general.alignment");
              return map;
            });
  }

  @Property(tries = 300)
  void metadataComeBackAsTheyWere(@ForAll("metadata") Map<String, MetadataValue> metadata) {
    var values = read(HeaderBytes.of(metadata, List.of(), 32)).values();
    assertThat(List.copyOf(values.keySet())).isEqualTo(List.copyOf(metadata.keySet()));
    metadata.forEach((key, value) -> assertThat(values.get(key)).isEqualTo(plain(value)));
  }

  @Test
  void aVocabularyOfHundredThousandTokens() {
    var tokens = new ArrayList<String>();
    for (int i = 0; i < 100_000; i++) {
      tokens.add("ĠT" + i + Character.toString(0x1f600 + i % 64));
    }
    var metadata = Map.of("tokenizer.ggml.tokens", MetadataValue.texts(tokens));
    assertThat(
            read(HeaderBytes.of(metadata, List.of(), 32))
                .list("tokenizer.ggml.tokens", String.class))
        .isEqualTo(tokens);
  }

  /** A head by hand: one pair, one tensor of 2 rows of 3. */
  @Test
  void bytesOfAHead() {
    var entry = new Entry("x", GgmlType.F16, new long[] {2, 3}, 64);
    var head = HeaderBytes.of(Map.of("k", MetadataValue.uint32(258)), List.of(entry), 32);
    assertThat(head.array())
        .startsWith(
            bytes(
                "47 47 55 46  03 00 00 00  01 00 00 00 00 00 00 00  01 00 00 00 00 00 00 00"
                    + "  01 00 00 00 00 00 00 00 6b  04 00 00 00  02 01 00 00"
                    + "  01 00 00 00 00 00 00 00 78  02 00 00 00"
                    + "  03 00 00 00 00 00 00 00  02 00 00 00 00 00 00 00"
                    + "  01 00 00 00  40 00 00 00 00 00 00 00"))
        .hasSize(96);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  @Test
  void valuesThatAreNotOfTheirTypeAreRefused() {
    assertThatThrownBy(() -> MetadataValue.uint32(-1)).hasMessage("-1 is no UINT32");
    assertThatThrownBy(() -> MetadataValue.uint32(1L << 32)).hasMessage("4294967296 is no UINT32");
    assertThatThrownBy(() -> new MetadataValue.Whole(ValueType.INT8, 128))
        .hasMessage("128 is no INT8");
    assertThatThrownBy(() -> new MetadataValue.Whole(ValueType.FLOAT32, 1))
        .hasMessage("1 is no FLOAT32");
    assertThatThrownBy(() -> new MetadataValue.Real(ValueType.FLOAT32, 0.1))
        .hasMessage("0.1 is no FLOAT32");
    assertThatThrownBy(
            () -> new MetadataValue.Array(ValueType.INT32, List.of(MetadataValue.flag(true))))
        .hasMessage("Flag[value=true] in an array of INT32");
  }

  @Test
  void halfAPairOfUtf16IsRefused() {
    var metadata = Map.of("tokenizer.ggml.tokens", MetadataValue.texts(List.of("a", "b\ud800")));
    assertThatThrownBy(() -> HeaderBytes.of(metadata, List.of(), 32))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the text 'b\ud800' of the metadata tokenizer.ggml.tokens is no Unicode: half of a pair"
                + " is missing");
  }
}
