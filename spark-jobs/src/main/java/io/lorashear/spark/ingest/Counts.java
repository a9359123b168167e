package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.length;

import io.lorashear.spark.clean.Cleaning;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.SourceSettings;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Counts the verdicts of all records in one pass. A task that ran twice is not counted twice,
 * because the counts of each partition are its result.
 */
final class Counts {

  /**
   * Key of records that are counted together.
   *
   * @param reason drop reason or warning; empty: published
   */
  private record Fate(String source, String unit, String reason) implements Serializable {}

  /**
   * The counts for one key.
   *
   * @param rows number of rows in the table of documents or drops
   * @param times number of records, or of removed paragraphs
   * @param emptied number of records that lost all their paragraphs, or the last ones, because
   *     these were short
   */
  private record Sum(long rows, long times, long paragraphs, long characters, long emptied)
      implements Serializable {
    static final Sum NOTHING = new Sum(0, 0, 0, 0, 0);

    static Sum of(long times) {
      return new Sum(1, times, 0, 0, 0);
    }

    static Sum document(long paragraphs, long characters) {
      return new Sum(1, 1, paragraphs, characters, 0);
    }

    static Sum record(boolean emptied) {
      return new Sum(1, 1, 0, 0, emptied ? 1 : 0);
    }

    Sum plus(Sum other) {
      return new Sum(
          rows + other.rows,
          times + other.times,
          paragraphs + other.paragraphs,
          characters + other.characters,
          emptied + other.emptied);
    }
  }

  private final Map<Fate, Sum> sums = new HashMap<>();

  private Counts() {}

  /** Counts of rows with the columns of {@link Verdicts#SCHEMA}. */
  static Counts of(Dataset<Row> verdicts) {
    var counts = new Counts();
    verdicts
        .select(
            col("source"),
            col("reason"),
            col("removed"),
            col("paragraphs"),
            length(col("text")).plus(length(col("response"))).cast("long"),
            col("warnings"),
            col("detail").contains(Cleaning.SHORT_PARAGRAPH))
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitions(rows -> List.of(part(rows)).iterator())
        .collect()
        .forEach(part -> part.forEach(counts::add));
    return counts;
  }

  private static HashMap<Fate, Sum> part(Iterator<InternalRow> rows) {
    var counts = new Counts();
    rows.forEachRemaining(counts::add);
    return new HashMap<>(counts.sums);
  }

  private void add(InternalRow row) {
    var source = row.getString(0);
    var kept = row.isNullAt(1);
    add(
        new Fate(source, Drops.DOCUMENT, kept ? "" : row.getString(1)),
        kept
            ? Sum.document(row.getInt(3), row.getLong(4))
            : Sum.record(!row.isNullAt(6) && row.getBoolean(6)));
    var removed = row.getMap(2);
    for (var i = 0; i < removed.numElements(); i++) {
      var reason = removed.keyArray().getUTF8String(i).toString();
      add(new Fate(source, Drops.PARAGRAPH, reason), Sum.of(removed.valueArray().getInt(i)));
    }
    var warnings = row.getMap(5).keyArray();
    for (var i = 0; kept && i < warnings.numElements(); i++) {
      add(new Fate(source, Drops.WARNING, warnings.getUTF8String(i).toString()), Sum.of(1));
    }
  }

  private void add(Fate fate, Sum sum) {
    sums.merge(fate, sum, Sum::plus);
  }

  /** Number of documents of all sources. */
  long documents() {
    return rows(true);
  }

  /** Number of rows that {@link Drops#of} makes of the same verdicts. */
  long drops() {
    return rows(false);
  }

  private long rows(boolean published) {
    return sums.entrySet().stream()
        .filter(each -> each.getKey().reason().isEmpty() == published)
        .mapToLong(each -> each.getValue().rows())
        .sum();
  }

  SourceReport of(SourceSettings source, Inputs inputs) {
    var name = source.label();
    var published = sums.getOrDefault(new Fate(name, Drops.DOCUMENT, ""), Sum.NOTHING);
    return new SourceReport(
        name,
        source.terms(),
        inputs.count(name),
        published.times(),
        published.paragraphs(),
        published.characters(),
        dropped(name, Drops.DOCUMENT),
        dropped(name, Drops.PARAGRAPH),
        dropped(name, Drops.WARNING));
  }

  /**
   * Number of the source's documents that were dropped because all their paragraphs, or the last
   * ones, were short.
   */
  long emptied(String source) {
    var fate = new Fate(source, Drops.DOCUMENT, Cleaning.NOTHING_LEFT);
    return sums.getOrDefault(fate, Sum.NOTHING).emptied();
  }

  private SortedMap<String, Long> dropped(String source, String unit) {
    var counts = new TreeMap<String, Long>();
    sums.forEach(
        (fate, sum) -> {
          if (fate.source().equals(source)
              && fate.unit().equals(unit)
              && !fate.reason().isEmpty()) {
            counts.put(fate.reason(), sum.times());
          }
        });
    return counts;
  }
}
