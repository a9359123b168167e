package io.lorashear.spark.shard;

import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.execution.datasources.parquet.ParquetWriteSupport;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;
import scala.Function2;
import scala.runtime.BoxedUnit;

/**
 * Writes the same bytes as Spark, but a list of integers in one loop: rows of ids consist of two
 * such lists, and Spark's call through three closures for each element takes longer than Parquet's
 * own work.
 *
 * <pre>
 *   group (LIST) { repeated group list { element } }
 * </pre>
 */
public final class ListWriteSupport extends ParquetWriteSupport {
  private static final String LEGACY = "spark.sql.parquet.writeLegacyFormat";
  private static final String LIST = "list";
  private static final String ELEMENT = "element";

  private boolean legacy;
  private @Nullable RecordConsumer consumer;

  /** One number of a list. */
  private interface Numbers {
    int at(ArrayData list, int place);
  }

  @Override
  public WriteContext init(Configuration configuration) {
    legacy = configuration.getBoolean(LEGACY, false);
    return super.init(configuration);
  }

  @Override
  public void prepareForWrite(RecordConsumer consumer) {
    this.consumer = consumer;
    super.prepareForWrite(consumer);
  }

  @Override
  public Function2<SpecializedGetters, Object, BoxedUnit> makeArrayWriter(ArrayType type) {
    if (legacy || type.containsNull()) {
      return super.makeArrayWriter(type);
    } else if (type.elementType().equals(DataTypes.IntegerType)) {
      return writer(ArrayData::getInt);
    } else if (type.elementType().equals(DataTypes.ByteType)) {
      return writer(ArrayData::getByte);
    }
    return super.makeArrayWriter(type);
  }

  private Function2<SpecializedGetters, Object, BoxedUnit> writer(Numbers numbers) {
    return (row, field) -> {
      write(Objects.requireNonNull(consumer), row.getArray((Integer) field), numbers);
      return BoxedUnit.UNIT;
    };
  }

  private static void write(RecordConsumer consumer, ArrayData list, Numbers numbers) {
    consumer.startGroup();
    int length = list.numElements();
    if (length > 0) {
      consumer.startField(LIST, 0);
      for (int i = 0; i < length; i++) {
        consumer.startGroup();
        consumer.startField(ELEMENT, 0);
        consumer.addInteger(numbers.at(list, i));
        consumer.endField(ELEMENT, 0);
        consumer.endGroup();
      }
      consumer.endField(LIST, 0);
    }
    consumer.endGroup();
  }
}
