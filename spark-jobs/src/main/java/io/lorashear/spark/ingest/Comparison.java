package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.lorashear.spark.overlap.ParagraphRemoval;
import io.lorashear.spark.source.Instruction;
import io.lorashear.spark.source.Kind;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.Locale;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF3;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The part of a document that is compared with other texts: everything except the words of its
 * template.
 */
final class Comparison {
  private static final String INSTRUCTION = Kind.INSTRUCTION.name().toLowerCase(Locale.ROOT);
  private static final StructType PARAGRAPHS =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("number", DataTypes.IntegerType, false)
          .add("text", DataTypes.StringType, false);

  private Comparison() {}

  /** Columns id, hash and text, of the verdicts that keep their document. */
  static Dataset<Row> documents(Dataset<Row> verdicts) {
    var said = udf((UDF3<String, String, String, String>) Comparison::said, DataTypes.StringType);
    return verdicts
        .filter(col("reason").isNull())
        .select(
            col("id"),
            col("hash"),
            said.apply(col("kind"), col("text"), col("response")).as("text"));
  }

  /** Columns id, number (from 0) and text: the paragraphs of documents other than instructions. */
  static Dataset<Row> paragraphs(Dataset<Row> verdicts) {
    FlatMapFunction<Row, Row> each = row -> paragraphs(row.getString(0), row.getString(1));
    return verdicts
        .filter(col("reason").isNull().and(col("kind").notEqual(INSTRUCTION)))
        .select("id", "text")
        .flatMap(each, Encoders.row(PARAGRAPHS));
  }

  private static Iterator<Row> paragraphs(String id, String text) {
    var rows = new ArrayList<Row>();
    for (var paragraph : ParagraphRemoval.paragraphs(text)) {
      rows.add(RowFactory.create(id, rows.size(), paragraph));
    }
    return rows.iterator();
  }

  private static String said(String kind, String text, String response) {
    return kind.equals(INSTRUCTION) ? Instruction.asked(text) + "\n\n" + response : text;
  }
}
