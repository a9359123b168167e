package io.lorashear.checkpoint.gguf.head;

import java.util.List;
import java.util.function.Function;

/** A value to be written into a GGUF header, with its type there. */
public sealed interface MetadataValue {

  ValueType type();

  /** A whole number in the range of its type; UINT64 counts as unsigned. */
  record Whole(ValueType type, long number) implements MetadataValue {
    public Whole {
      int bits = 8 * type.leastBytes();
      boolean fits = type.isWhole();
      if (fits && bits < Long.SIZE) {
        fits = type.isSigned() ? number >> bits - 1 == number >> 63 : number >> bits == 0;
      }
      if (!fits) {
        throw new IllegalArgumentException(number + " is no " + type);
      }
    }
  }

  /** A FLOAT32 or FLOAT64. */
  record Real(ValueType type, double number) implements MetadataValue {
    public Real {
      boolean narrow = type == ValueType.FLOAT32;
      if (!narrow && type != ValueType.FLOAT64
          || narrow && Double.compare((float) number, number) != 0) {
        throw new IllegalArgumentException(number + " is no " + type);
      }
    }
  }

  /** A BOOL. */
  record Flag(boolean value) implements MetadataValue {
    @Override
    public ValueType type() {
      return ValueType.BOOL;
    }
  }

  /** A STRING, written in UTF-8. */
  record Text(String text) implements MetadataValue {
    @Override
    public ValueType type() {
      return ValueType.STRING;
    }
  }

  /** An ARRAY of values of one type; may be empty. */
  record Array(ValueType element, List<? extends MetadataValue> values) implements MetadataValue {
    public Array {
      values = List.copyOf(values);
      for (var value : values) {
        if (value.type() != element) {
          throw new IllegalArgumentException(value + " in an array of " + element);
        }
      }
    }

    @Override
    public ValueType type() {
      return ValueType.ARRAY;
    }
  }

  /** A UINT32, from 0 to 2^32 − 1: the type of most counts. */
  static MetadataValue uint32(long number) {
    return new Whole(ValueType.UINT32, number);
  }

  static MetadataValue int32(int number) {
    return new Whole(ValueType.INT32, number);
  }

  static MetadataValue float32(float number) {
    return new Real(ValueType.FLOAT32, number);
  }

  static MetadataValue flag(boolean value) {
    return new Flag(value);
  }

  static MetadataValue text(String text) {
    return new Text(text);
  }

  static MetadataValue uint32s(List<? extends Number> numbers) {
    return array(ValueType.UINT32, numbers, number -> uint32(number.longValue()));
  }

  static MetadataValue int32s(List<Integer> numbers) {
    return array(ValueType.INT32, numbers, MetadataValue::int32);
  }

  static MetadataValue float32s(List<Float> numbers) {
    return array(ValueType.FLOAT32, numbers, MetadataValue::float32);
  }

  static MetadataValue flags(List<Boolean> values) {
    return array(ValueType.BOOL, values, MetadataValue::flag);
  }

  static MetadataValue texts(List<String> texts) {
    return array(ValueType.STRING, texts, MetadataValue::text);
  }

  private static <T> MetadataValue array(
      ValueType element, List<T> values, Function<T, MetadataValue> each) {
    return new Array(element, values.stream().map(each).toList());
  }
}
