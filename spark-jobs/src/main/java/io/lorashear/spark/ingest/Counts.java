package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.lorashear.spark.clean.Cleaning;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.SourceSettings;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Counts what was written, by reading it: no task that ran twice is counted twice. */
final class Counts {
  private final List<Row> documents;
  private final List<Row> drops;

  Counts(Dataset<Row> documents, Dataset<Row> drops) {
    var characters = sum(length(col("text")).plus(length(col("response"))));
    this.documents =
        documents
            .groupBy("source")
            .agg(count(lit(1)), sum("paragraphs"), characters)
            .collectAsList();
    var emptied = when(col("detail").contains(Cleaning.SHORT_PARAGRAPH), 1L).otherwise(0L);
    this.drops =
        drops.groupBy("source", "unit", "reason").agg(sum("count"), sum(emptied)).collectAsList();
  }

  SourceReport of(SourceSettings source, Inputs inputs) {
    var name = source.label();
    var row = documents.stream().filter(each -> each.getString(0).equals(name)).findFirst();
    return new SourceReport(
        name,
        source.terms(),
        inputs.count(name),
        row.map(each -> each.getLong(1)).orElse(0L),
        row.map(each -> each.getLong(2)).orElse(0L),
        row.map(each -> each.getLong(3)).orElse(0L),
        dropped(name, Drops.DOCUMENT),
        dropped(name, Drops.PARAGRAPH),
        dropped(name, Drops.WARNING));
  }

  /** Documents of the source that went since all their paragraphs, or the last ones, were short. */
  long emptied(String source) {
    return drops.stream()
        .filter(row -> row.getString(0).equals(source) && row.getString(1).equals(Drops.DOCUMENT))
        .filter(row -> row.getString(2).equals(Cleaning.NOTHING_LEFT))
        .mapToLong(row -> row.getLong(4))
        .sum();
  }

  private SortedMap<String, Long> dropped(String source, String unit) {
    var counts = new TreeMap<String, Long>();
    for (var row : drops) {
      if (row.getString(0).equals(source) && row.getString(1).equals(unit)) {
        counts.put(row.getString(2), row.getLong(3));
      }
    }
    return counts;
  }
}
