package io.lorashear.checkpoint.gguf.head;

import io.lorashear.InputException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of a GGUF header, read by type; a missing value or one of another type gives an
 * {@link InputException} that names the key.
 */
public record Metadata(Path file, Map<String, Object> values) {

  /** The metadata that {@code file} will have when {@code written} are in it. */
  public static Metadata of(Path file, Map<String, MetadataValue> written) {
    var values = new LinkedHashMap<String, Object>();
    written.forEach((key, value) -> values.put(key, read(value)));
    return new Metadata(file, values);
  }

  private static Object read(MetadataValue value) {
    if (value instanceof MetadataValue.Whole whole) {
      return whole.number();
    }
    if (value instanceof MetadataValue.Real real) {
      return real.number();
    }
    if (value instanceof MetadataValue.Flag flag) {
      return flag.value();
    }
    if (value instanceof MetadataValue.Array array) {
      return array.values().stream().map(Metadata::read).toList();
    }
    return ((MetadataValue.Text) value).text();
  }

  public boolean has(String key) {
    return values.containsKey(key);
  }

  public String text(String key) {
    return required(key, find(key, String.class), "a text");
  }

  public @Nullable String textOrNull(String key) {
    return find(key, String.class);
  }

  public int whole(String key) {
    return required(key, wholeOrNull(key), "a whole number");
  }

  public @Nullable Integer wholeOrNull(String key) {
    var value = find(key, Long.class);
    if (value == null) {
      return null;
    }
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new InputException("%s: the metadata %s is %d", file, key, value);
    }
    return value.intValue();
  }

  public double number(String key) {
    double value = required(key, find(key, Double.class), "a number");
    if (!Double.isFinite(value)) {
      throw new InputException("%s: the metadata %s is %s", file, key, value);
    }
    return value;
  }

  public double number(String key, double otherwise) {
    return has(key) ? number(key) : otherwise;
  }

  public boolean flag(String key, boolean otherwise) {
    var value = find(key, Boolean.class);
    return value == null ? otherwise : value;
  }

  /** The list under {@code key}; empty if there is none. */
  public <T> List<T> list(String key, Class<T> type) {
    if (!has(key)) {
      return List.of();
    }
    var values = required(key, find(key, List.class), "a list");
    for (var value : values) {
      if (!type.isInstance(value)) {
        throw wrong(key, "a list of " + type.getSimpleName());
      }
    }
    @SuppressWarnings("unchecked") // every element was checked
    var checked = (List<T>) values;
    return checked;
  }

  private <T> @Nullable T find(String key, Class<T> type) {
    var value = values.get(key);
    if (value != null && !type.isInstance(value)) {
      throw wrong(key, "a value of type " + type.getSimpleName());
    }
    return value == null ? null : type.cast(value);
  }

  private <T> T required(String key, @Nullable T value, String what) {
    if (value == null) {
      throw wrong(key, what);
    }
    return value;
  }

  private InputException wrong(String key, String what) {
    return new InputException("%s: the metadata %s is missing or not %s", file, key, what);
  }
}
