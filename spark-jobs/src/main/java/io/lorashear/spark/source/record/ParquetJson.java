package io.lorashear.spark.source.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * A row of a Parquet file as a JSON object: texts, numbers, booleans, lists and structures; empty
 * values are left out.
 */
final class ParquetJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private ParquetJson() {}

  static byte[] bytes(Group row) throws IOException {
    return JSON.writeValueAsBytes(object(row));
  }

  /** Whether a column has one text per row. */
  static boolean isText(Type type) {
    return type.isPrimitive()
        && !type.isRepetition(Type.Repetition.REPEATED)
        && type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY;
  }

  /** Bytes of a text column; empty if the column has another type. */
  static byte[] binary(Group row, int field) {
    var binary =
        row.getType().getType(field).asPrimitiveType().getPrimitiveTypeName()
            == PrimitiveTypeName.BINARY;
    return binary ? row.getBinary(field, 0).getBytes() : new byte[0];
  }

  private static JsonNode object(Group group) {
    var object = NODES.objectNode();
    var type = group.getType();
    for (var field = 0; field < type.getFieldCount(); field++) {
      var count = group.getFieldRepetitionCount(field);
      if (type.getType(field).isRepetition(Type.Repetition.REPEATED)) {
        var items = NODES.arrayNode();
        for (var i = 0; i < count; i++) {
          items.add(value(group, field, i));
        }
        object.set(type.getFieldName(field), items);
      } else if (count > 0) {
        object.set(type.getFieldName(field), value(group, field, 0));
      }
    }
    return object;
  }

  private static JsonNode value(Group group, int field, int index) {
    var type = group.getType().getType(field);
    if (!type.isPrimitive()) {
      var inner = group.getGroup(field, index);
      return isList(type) ? list(inner) : object(inner);
    }
    return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case BINARY ->
          NODES.textNode(
              new String(group.getBinary(field, index).getBytes(), StandardCharsets.UTF_8));
      case BOOLEAN -> NODES.booleanNode(group.getBoolean(field, index));
      case INT32 -> NODES.numberNode(group.getInteger(field, index));
      case INT64 -> NODES.numberNode(group.getLong(field, index));
      case FLOAT -> NODES.numberNode(group.getFloat(field, index));
      case DOUBLE -> NODES.numberNode(group.getDouble(field, index));
      default -> NODES.textNode(group.getValueToString(field, index));
    };
  }

  private static boolean isList(Type type) {
    return LogicalTypeAnnotation.listType().equals(type.getLogicalTypeAnnotation());
  }

  /** A list's group has one repeated field, whose groups have one field: the element. */
  private static JsonNode list(Group list) {
    var items = NODES.arrayNode();
    for (var i = 0; i < list.getFieldRepetitionCount(0); i++) {
      var repeated = list.getType().getType(0);
      var wrapped = !repeated.isPrimitive() && ((GroupType) repeated).getFieldCount() == 1;
      if (!wrapped) {
        items.add(value(list, 0, i));
      } else if (list.getGroup(0, i).getFieldRepetitionCount(0) > 0) {
        items.add(value(list.getGroup(0, i), 0, 0));
      }
    }
    return items;
  }
}
