package io.lorashear.spark.shard;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Function2;
import scala.runtime.BoxedUnit;

/**
 * Writes the same bytes as Spark, but a list in one loop: rows of ids consist of two lists, and
 * Spark's call through three closures for each element takes longer than Parquet's own work.
 *
 * <pre>
 *   group (LIST) { repeated group list { element } }
 * </pre>
 */
public final class ListWriteSupport extends ParquetWriteSupport {
  private static final String LEGACY = "spark.sql.parquet.writeLegacyFormat";
  private static final String LIST = "list";
  private static final String ELEMENT = "element";

  private static final Map<DataType, Element> ELEMENTS =
      Map.of(
          DataTypes.IntegerType,
          (consumer, list, place) -> consumer.addInteger(list.getInt(place)),
          DataTypes.ByteType,
          (consumer, list, place) -> consumer.addInteger(list.getByte(place)),
          DataTypes.FloatType,
          (consumer, list, place) -> consumer.addFloat(list.getFloat(place)),
          DataTypes.StringType,
          (consumer, list, place) ->
              consumer.addBinary(Binary.fromReusedByteArray(list.getUTF8String(place).getBytes())));

  private @Nullable RecordConsumer consumer;

  /** Adds one element of a list. */
  private interface Element {
    void add(RecordConsumer consumer, ArrayData list, int place);
  }

  /**
   * Whether it knows every list of a schema: elements of four types that are never null, in a
   * column of their own, in Parquet's usual form. Other schemas are left to Spark's own class.
   */
  static boolean knows(StructType schema, Configuration configuration) {
    return !configuration.getBoolean(LEGACY, false)
        && Arrays.stream(schema.fields()).map(StructField::dataType).allMatch(type -> knows(type));
  }

  private static boolean knows(DataType type) {
    if (type instanceof ArrayType list) {
      return !list.containsNull() && ELEMENTS.containsKey(list.elementType());
    }
    return !(type instanceof StructType || type instanceof MapType);
  }

  @Override
  public void prepareForWrite(RecordConsumer consumer) {
    this.consumer = consumer;
    super.prepareForWrite(consumer);
  }

  /** Overrides Spark 3.5's method; Spark 4 has no such method and does not call this one. */
  @SuppressWarnings("MissingOverride")
  public Function2<SpecializedGetters, Object, BoxedUnit> makeArrayWriter(ArrayType type) {
    var element = Objects.requireNonNull(ELEMENTS.get(type.elementType()));
    return (row, field) -> {
      write(Objects.requireNonNull(consumer), row.getArray((Integer) field), element);
      return BoxedUnit.UNIT;
    };
  }

  /**
   * Overrides Spark 4's method; Spark 3.5 has no such method and does not call this one.
   *
   * @param shredded whether the list is a part of a variant, which no schema of ours has
   */
  @SuppressWarnings("MissingOverride")
  public Function2<SpecializedGetters, Object, BoxedUnit> makeArrayWriter(
      ArrayType type, boolean shredded) {
    return makeArrayWriter(type);
  }

  private static void write(RecordConsumer consumer, ArrayData list, Element element) {
    consumer.startGroup();
    int length = list.numElements();
    if (length > 0) {
      consumer.startField(LIST, 0);
      for (int i = 0; i < length; i++) {
        consumer.startGroup();
        consumer.startField(ELEMENT, 0);
        element.add(consumer, list, i);
        consumer.endField(ELEMENT, 0);
        consumer.endGroup();
      }
      consumer.endField(LIST, 0);
    }
    consumer.endGroup();
  }
}
