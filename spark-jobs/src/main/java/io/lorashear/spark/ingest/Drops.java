package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.lorashear.spark.source.DropReason;
import io.lorashear.spark.source.Dropped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/**
 * Dropped text as rows: whole records and paragraphs of documents; also warnings on documents that
 * were kept.
 */
final class Drops {
  static final String DOCUMENT = "document";
  static final String PARAGRAPH = "paragraph";
  static final String WARNING = "warning";

  private Drops() {}

  /** Columns source, id, file, position, unit, reason, count, detail and excerpt. */
  static Dataset<Row> of(Dataset<Row> verdicts) {
    var beginning = udf((UDF1<String, String>) Drops::beginning, DataTypes.StringType);
    var documents =
        verdicts
            .filter(col("reason").isNotNull())
            .select(
                place(
                    lit(DOCUMENT),
                    col("reason"),
                    lit(1),
                    col("detail"),
                    coalesce(col("excerpt"), beginning.apply(col("text")))));
    var paragraphs =
        verdicts
            .select(
                col("source"),
                col("id"),
                col("file"),
                col("position"),
                col("examples"),
                explode(col("removed")).as(new String[] {"why", "times"}))
            .select(
                place(
                    lit(PARAGRAPH),
                    col("why"),
                    col("times"),
                    lit(null).cast("string"),
                    element_at(col("examples"), col("why"))));
    return documents.unionByName(paragraphs).unionByName(warnings(verdicts, beginning));
  }

  private static Dataset<Row> warnings(Dataset<Row> verdicts, UserDefinedFunction beginning) {
    var warned = new ArrayList<Column>();
    for (var name : List.of("source", "id", "file", "position", "text")) {
      warned.add(col(name));
    }
    warned.add(explode(col("warnings")).as(new String[] {"why", "what"}));
    return verdicts
        .filter(col("reason").isNull())
        .select(warned.toArray(Column[]::new))
        .select(place(lit(WARNING), col("why"), lit(1), col("what"), beginning.apply(col("text"))));
  }

  private static @Nullable String beginning(@Nullable String text) {
    return text == null ? null : Dropped.excerpt(text);
  }

  private static Column[] place(
      Column unit, Column reason, Column count, Column detail, Column excerpt) {
    return new Column[] {
      col("source"),
      col("id"),
      col("file"),
      col("position"),
      unit.as("unit"),
      reason.as("reason"),
      count.cast("long").as("count"),
      detail.as("detail"),
      excerpt.as("excerpt")
    };
  }

  /**
   * The verdicts with all records of unreadable files dropped.
   *
   * @param files names in the form {@code source/file}
   */
  static Dataset<Row> withoutFiles(Dataset<Row> verdicts, Collection<String> files) {
    if (files.isEmpty()) {
      return verdicts;
    }
    var spoilt = concat_ws("/", col("source"), col("file")).isin(files.toArray());
    var reason = DropReason.UNREADABLE_FILE.code();
    return verdicts.withColumn("reason", when(spoilt, lit(reason)).otherwise(col("reason")));
  }
}
