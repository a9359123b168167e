package io.lorashear.spark.overlap;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.struct;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/**
 * Removes paragraphs from documents, and counts them under their reasons in the column {@code
 * removed}. If they make up {@code most} of a document or more, in characters, the document is
 * dropped as a whole, under the first reason.
 *
 * @param most share of a document's characters, 0 to 1; at 1, only documents without remaining text
 *     are dropped
 */
public record ParagraphRemoval(double most) implements Serializable {
  private static final long serialVersionUID = 1;
  private static final String FOUND = "__found";

  /** Separator of two paragraphs of a text. */
  public static final String BLANK_LINE = "\n\n";

  /** The paragraphs of a text. */
  public static List<String> paragraphs(String text) {
    var paragraphs = new ArrayList<String>();
    var start = 0;
    for (var end = text.indexOf(BLANK_LINE); end >= 0; end = text.indexOf(BLANK_LINE, start)) {
      paragraphs.add(text.substring(start, end));
      start = end + BLANK_LINE.length();
    }
    paragraphs.add(text.substring(start));
    return paragraphs;
  }

  /**
   * The documents without the given paragraphs.
   *
   * @param documents columns id, text, paragraphs (their number), removed, examples, reason and
   *     detail
   * @param found columns id, number (of the paragraph, from 0), why (the reason) and what (was
   *     found)
   */
  public Dataset<Row> from(Dataset<Row> documents, Dataset<Row> found) {
    var schema = documents.schema();
    var at = new Columns(schema.fieldNames());
    var lists = found.groupBy("id").agg(collect_set(struct("number", "why", "what")).as(FOUND));
    MapFunction<Row, Row> without = row -> without(row, at);
    var columns = new ArrayList<Column>();
    for (var name : schema.fieldNames()) {
      columns.add(documents.col(name));
    }
    columns.add(col(FOUND));
    return documents
        .join(lists, documents.col("id").equalTo(lists.col("id")), "left")
        .select(columns.toArray(Column[]::new))
        .map(without, Encoders.row(schema));
  }

  private Row without(Row row, Columns at) {
    var values = new @Nullable Object[at.names().length];
    for (var i = 0; i < values.length; i++) {
      values[i] = row.get(i);
    }
    var found = row.isNullAt(values.length) ? List.<Row>of() : row.<Row>getList(values.length);
    if (!found.isEmpty() && row.isNullAt(at.of("reason"))) {
      change(row, found, at, values);
    }
    return RowFactory.create(values);
  }

  private void change(Row row, List<Row> found, Columns at, @Nullable Object[] values) {
    var paragraphs = paragraphs(row.getString(at.of("text")));
    var reasons = new TreeMap<Integer, String>();
    var first = found.get(0);
    for (var each : found) {
      reasons.merge(each.getInt(0), each.getString(1), ParagraphRemoval::lesser);
      first = order(each).compareTo(order(first)) < 0 ? each : first;
    }
    var kept = new ArrayList<String>();
    long all = 0;
    long gone = 0;
    for (var i = 0; i < paragraphs.size(); i++) {
      var paragraph = paragraphs.get(i);
      all += paragraph.length();
      if (reasons.containsKey(i)) {
        gone += paragraph.length();
      } else {
        kept.add(paragraph);
      }
    }
    if (kept.isEmpty() || gone >= most * all) {
      values[at.of("reason")] = first.getString(1);
      values[at.of("detail")] = first.getString(2);
      return;
    }
    values[at.of("text")] = String.join(BLANK_LINE, kept);
    values[at.of("paragraphs")] = kept.size();
    values[at.of("removed")] = counted(row.getJavaMap(at.of("removed")), reasons);
    values[at.of("examples")] = shown(row.getJavaMap(at.of("examples")), found);
  }

  private static String lesser(String a, String b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  /** Sort key: by reason, then by paragraph, then by what was found. */
  private static String order(Row found) {
    return "%s %08d %s".formatted(found.getString(1), found.getInt(0), found.getString(2));
  }

  private static scala.collection.Map<String, Integer> counted(
      Map<String, Integer> before, Map<Integer, String> reasons) {
    var counts = new TreeMap<>(before);
    reasons.values().forEach(reason -> counts.merge(reason, 1, Integer::sum));
    return scala.collection.JavaConverters.mapAsScalaMap(counts);
  }

  /** The first finding for each reason, in the order of the paragraphs. */
  private static scala.collection.Map<String, String> shown(
      Map<String, String> before, List<Row> found) {
    var examples = new TreeMap<>(before);
    found.stream()
        .sorted(Comparator.comparing(ParagraphRemoval::order))
        .forEach(each -> examples.putIfAbsent(each.getString(1), each.getString(2)));
    return scala.collection.JavaConverters.mapAsScalaMap(examples);
  }

  /** Positions of the columns in a row. */
  @SuppressWarnings("ArrayRecordComponent") // made once and never compared
  private record Columns(String[] names) implements Serializable {
    int of(String name) {
      return List.of(names).indexOf(name);
    }
  }
}
