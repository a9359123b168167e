package io.lorashear.spark.tokenize;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A document, or a part of a long one, that is drawn for training or validation as a whole.
 *
 * @param order sort key of the document: a hash of its id, so that neighbours in a shard are
 *     unrelated
 * @param number position of the passage in its document, from 0
 * @param response answer to an instruction, otherwise empty
 * @param excluded text that was removed from it because it shares words with validation; usually
 *     empty
 * @param point number in [0, 1) that depends only on the text, so that equal texts are in the same
 *     split
 */
record Passage(
    String source,
    String document,
    long order,
    int number,
    String text,
    String response,
    String excluded,
    double point)
    implements Serializable {

  private static final StructType SCHEMA =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("document", DataTypes.StringType, false)
          .add("order", DataTypes.LongType, false)
          .add("number", DataTypes.IntegerType, false)
          .add("text", DataTypes.StringType, false)
          .add("response", DataTypes.StringType, false)
          .add("excluded", DataTypes.StringType, false)
          .add("point", DataTypes.DoubleType, false)
          .add("characters", DataTypes.LongType, false);

  static final Encoder<Row> ENCODER = Encoders.row(SCHEMA);

  /** Passages of documents with the columns source, id, text and response. */
  static Dataset<Row> of(Dataset<Row> documents, int characters) {
    return flatMap(documents, characters, passage -> List.of(passage.row()).iterator(), ENCODER);
  }

  /**
   * The rows that {@code each} makes from the same passages; their texts are not copied into rows.
   */
  static Dataset<Row> flatMap(
      Dataset<Row> documents,
      int characters,
      FlatMapFunction<Passage, Row> each,
      Encoder<Row> encoder) {
    FlatMapFunction<Row, Row> all =
        row -> {
          var rows = new ArrayList<Row>();
          for (var passage : cut(row, new PassageCutter(characters))) {
            each.call(passage).forEachRemaining(rows::add);
          }
          return rows.iterator();
        };
    return documents.select("source", "id", "text", "response").flatMap(all, encoder);
  }

  private static List<Passage> cut(Row row, PassageCutter cutter) {
    String source = row.getString(0);
    String id = row.getString(1);
    String response = row.getString(3);
    List<String> texts =
        response.isEmpty() ? cutter.cut(row.getString(2)) : List.of(row.getString(2));
    List<Passage> passages = new ArrayList<>(texts.size());
    for (int number = 0; number < texts.size(); number++) {
      String name = texts.size() == 1 ? id : id + "~" + number;
      String text = texts.get(number);
      double point = Hash.point(text + response);
      passages.add(new Passage(source, name, Hash.of(id), number, text, response, "", point));
    }
    return passages;
  }

  /** The same passage without {@code excluded} in its text. */
  Passage divided(String left, String excluded) {
    var answer = left.isEmpty() ? "" : response;
    return new Passage(source, document, order, number, left, answer, excluded, point);
  }

  Row row() {
    return RowFactory.create(
        source, document, order, number, text, response, excluded, point, characters());
  }

  /** Number of characters of the remaining and of the excluded text. */
  long characters() {
    return (long) text.length() + response.length() + excluded.length();
  }

  static Passage of(Row row) {
    return new Passage(
        row.getString(0),
        row.getString(1),
        row.getLong(2),
        row.getInt(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getDouble(7));
  }
}
