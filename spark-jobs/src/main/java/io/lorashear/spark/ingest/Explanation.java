package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;

import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.store.HadoopStorage;
import java.util.ArrayList;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;

/**
 * Some of what was dropped, and what of it was against a rule: to see whether the rules are right.
 * Then some of what was kept with a warning.
 */
public final class Explanation {
  private Explanation() {}

  /**
   * For the console: the first {@code records} records of each reason, in order of their ids, whole
   * ones, then those that lost paragraphs, then those with a warning.
   */
  public static String of(SparkSession spark, PublishedDirectory published, int records) {
    var path = HadoopStorage.hadoop(published.directory().resolve(Ingest.DROPPED)).toString();
    var lines = new ArrayList<String>();
    var last = "";
    for (var row : first(spark.read().parquet(path), records).collectAsList()) {
      var title = "%s (%s)".formatted(row.getString(1), row.getString(0));
      if (!title.equals(last)) {
        lines.add(title);
        last = title;
      }
      lines.add("    " + row.getString(2));
      for (var column = 3; column <= 4; column++) {
        if (!row.isNullAt(column) && !row.getString(column).isEmpty()) {
          lines.add("        " + row.getString(column));
        }
      }
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static Dataset<Row> first(Dataset<Row> dropped, int records) {
    var reason = Window.partitionBy("unit", "reason").orderBy("id");
    return dropped
        .withColumn("place", row_number().over(reason))
        .filter(col("place").leq(records))
        .orderBy("unit", "reason", "id")
        .select("unit", "reason", "id", "detail", "excerpt");
  }
}
