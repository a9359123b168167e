package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.regexp_extract;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.sum;

import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.source.Warning;
import io.lorashear.spark.store.HadoopStorage;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;

/**
 * Examples of dropped text with the part that broke a rule, to judge the rules; also examples that
 * were kept with a warning.
 */
public final class Explanation {
  private Explanation() {}

  /**
   * Text for the console: the first {@code records} records of each reason, in order of their ids:
   * dropped records, then records that lost paragraphs, then records with a warning; last the
   * {@code records} most frequent unknown wiki templates.
   */
  public static String of(SparkSession spark, PublishedDirectory published, int records) {
    if (published.files().stream()
        .noneMatch(file -> file.name().startsWith(Ingest.DROPPED + "/"))) {
      return "nothing was dropped";
    }
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
    lines.addAll(unknownTemplates(spark.read().parquet(path), records));
    return String.join(System.lineSeparator(), lines);
  }

  /** The unknown templates that pages call most, with their counts. */
  private static List<String> unknownTemplates(Dataset<Row> dropped, int most) {
    var lines = new ArrayList<String>();
    var warned = dropped.filter(col("reason").equalTo(Warning.UNKNOWN_TEMPLATE.code()));
    var calls = warned.select(col("source"), explode(split(col("detail"), " \\| ")).as("call"));
    var called =
        calls
            .select(
                col("source"),
                regexp_extract(col("call"), "(.*) \\d+$", 1).as("template"),
                regexp_extract(col("call"), "(\\d+)$", 1).cast("long").as("times"))
            .groupBy("source", "template")
            .agg(sum("times").as("times"))
            .orderBy(col("times").desc(), col("source"), col("template"))
            .limit(most);
    for (var row : called.collectAsList()) {
      if (lines.isEmpty()) {
        lines.add("most frequent unknown templates (calls in sentences)");
      }
      lines.add("    %,d  %s (%s)".formatted(row.getLong(2), row.getString(1), row.getString(0)));
    }
    return lines;
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
