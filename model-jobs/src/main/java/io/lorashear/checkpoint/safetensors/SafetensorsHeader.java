package io.lorashear.checkpoint.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.TensorInfo;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The header of a safetensors file, checked against the file before any tensor is read.
 *
 * <pre>
 *   u64 n │ n bytes of JSON: name → dtype, shape, data_offsets [begin, end) │ data
 * </pre>
 *
 * @param entries tensors by name in the order of the header
 * @param dataStart position of offset 0 in the file
 */
record SafetensorsHeader(Map<String, Entry> entries, long dataStart) {
  /** Types that models use only for packed weights. */
  private static final Pattern PACKED = Pattern.compile("F4|F[68]_.*|U32|[IU]16");

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);
  private static final long LARGEST = 100_000_000;

  /** One tensor; {@code begin} counts from the start of the data. */
  record Entry(TensorInfo info, long begin) {
    long end() {
      return begin + info.bytes();
    }
  }

  static SafetensorsHeader read(MappedFile file) {
    var path = file.path();
    if (file.size() < Long.BYTES) {
      throw new InputException(
          "%s has %d bytes and is no safetensors file: copy it again", path, file.size());
    }
    long length = file.bytes(0, Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (length < 2 || length > LARGEST) {
      throw new InputException(
          "%s names a header of %s bytes, outside 2 to %d: it is no safetensors file",
          path, Long.toUnsignedString(length), LARGEST);
    }
    if (length > file.size() - Long.BYTES) {
      throw new InputException(
          "%s is truncated: its header should have %d bytes, the whole file has %d; copy it again",
          path, length, file.size());
    }
    var entries = parse(path, file.bytes(Long.BYTES, (int) length).array());
    long start = Long.BYTES + length;
    checkCoverage(path, entries, file.size() - start);
    return new SafetensorsHeader(entries, start);
  }

  private static Map<String, Entry> parse(Path path, byte[] header) {
    var entries = new LinkedHashMap<String, Entry>();
    String at = "its beginning";
    try (var parser = JSON.createParser(header)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new InputException("%s has a header that is not a JSON object", path);
      }
      for (var name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        at = name;
        var value = value(parser);
        if (!name.equals("__metadata__") && entries.put(name, entry(path, name, value)) != null) {
          throw new InputException("%s lists the tensor %s twice", path, name);
        }
      }
      if (parser.nextToken() != null) {
        throw new InputException("%s has a header that goes on after its JSON object", path);
      }
      return entries;
    } catch (IOException e) {
      throw new InputException(
          e, "%s has a damaged header, at byte %s of its JSON, in %s", path, position(e), at);
    }
  }

  private static JsonNode value(JsonParser parser) throws IOException {
    parser.nextToken();
    return JSON.readTree(parser);
  }

  private static long position(IOException problem) {
    return problem instanceof com.fasterxml.jackson.core.JacksonException json
            && json.getLocation() != null
        ? json.getLocation().getByteOffset()
        : -1;
  }

  private static Entry entry(Path path, String name, JsonNode value) {
    var type = type(path, name, value.path("dtype").asText());
    long[] shape = wholeNumbers(path, name, "shape", value.path("shape"));
    long[] offsets = wholeNumbers(path, name, "data_offsets", value.path("data_offsets"));
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw new InputException(
          "%s: tensor %s has data_offsets %s, not a begin and an end",
          path, name, Arrays.toString(offsets));
    }
    long length = length(path, name, type, shape);
    if (offsets[1] - offsets[0] != length) {
      throw new InputException(
          "%s: tensor %s takes %d bytes, but %s %s needs %d",
          path, name, offsets[1] - offsets[0], type, Arrays.toString(shape), length);
    }
    return new Entry(new TensorInfo(name, type, shape), offsets[0]);
  }

  private static DataType type(Path path, String name, String dtype) {
    return Arrays.stream(DataType.values())
        .filter(type -> type.name().equals(dtype))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "%s: tensor %s has the type '%s'; the types read here are %s%s",
                    path,
                    name,
                    dtype,
                    Arrays.stream(DataType.values())
                        .map(DataType::name)
                        .collect(Collectors.joining(", ")),
                    PACKED.matcher(dtype).matches()
                        ? ". The checkpoint is quantised: take the model it was made from"
                        : ""));
  }

  private static long[] wholeNumbers(Path path, String name, String field, JsonNode array) {
    var numbers = new ArrayList<Long>();
    for (var number : array) {
      if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
        throw notWhole(path, name, field, array);
      }
      numbers.add(number.asLong());
    }
    if (!array.isArray()) {
      throw notWhole(path, name, field, array);
    }
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private static InputException notWhole(Path path, String name, String field, JsonNode found) {
    return new InputException(
        "%s: tensor %s has the %s %s, not a list of whole numbers from 0 on",
        path, name, field, found.isMissingNode() ? "(missing)" : found);
  }

  private static long length(Path path, String name, DataType type, long[] shape) {
    try {
      long product = type.bytes();
      for (long extent : shape) {
        product = Math.multiplyExact(product, extent);
      }
      return product;
    } catch (ArithmeticException e) {
      throw new InputException(
          e, "%s: tensor %s has the impossible shape %s", path, name, Arrays.toString(shape));
    }
  }

  /** Tensors must follow one another without gap or overlap up to the end of the file. */
  private static void checkCoverage(Path path, Map<String, Entry> entries, long available) {
    var order = new ArrayList<>(entries.values());
    order.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long covered = 0;
    for (var entry : order) {
      if (entry.begin() != covered) {
        throw new InputException(
            "%s: tensor %s begins at %d, but the tensors before it end at %d: %s",
            path,
            entry.info().name(),
            entry.begin(),
            covered,
            entry.begin() < covered ? "they overlap" : "bytes between them belong to no tensor");
      }
      covered = entry.end();
      if (covered > available) {
        throw new InputException(
            "%s is truncated: tensor %s ends at byte %d of the data, which has %d; copy it again",
            path, entry.info().name(), covered, available);
      }
    }
    if (covered != available) {
      throw new InputException(
          "%s has %d bytes after its last tensor: it is damaged, copy it again",
          path, available - covered);
    }
  }
}
