package io.lorashear.spark.decontaminate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.countDistinct;

import io.lorashear.spark.overlap.ParagraphRemoval;
import io.lorashear.spark.overlap.ParagraphWords;
import io.lorashear.spark.source.Instruction;
import io.lorashear.spark.source.Kind;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Paragraphs that contain words of the evaluation texts; for an instruction, all of its paragraphs.
 *
 * @param found columns id, number (of the paragraph, from 0), why (the reason, by task) and what
 */
public record Leaks(Dataset<Row> found, Reference reference) implements AutoCloseable {
  /** Prefix of every reason; the task follows. */
  public static final String REASON = "leak-";

  private static final String INSTRUCTION = Kind.INSTRUCTION.name().toLowerCase(Locale.ROOT);
  private static final StructType FOUND =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("number", DataTypes.IntegerType, false)
          .add("why", DataTypes.StringType, false)
          .add("what", DataTypes.StringType, false);

  /**
   * Searches the documents that are kept.
   *
   * @param documents columns id, kind, text, response and reason
   */
  public static Leaks in(Dataset<Row> documents, Reference reference) {
    var context = JavaSparkContext.fromSparkContext(documents.sparkSession().sparkContext());
    var sent = context.broadcast(reference);
    FlatMapFunction<Row, Row> find = row -> find(row, sent.value());
    var found =
        documents
            .filter(col("reason").isNull())
            .select("id", "kind", "text", "response")
            .flatMap(find, Encoders.row(FOUND))
            .persist(StorageLevel.MEMORY_AND_DISK());
    return new Leaks(found, reference);
  }

  private static Iterator<Row> find(Row row, Reference reference) {
    var id = row.getString(0);
    var paragraphs = ParagraphRemoval.paragraphs(row.getString(2));
    var instruction = row.getString(1).equals(INSTRUCTION);
    var read =
        instruction
            ? List.of(Instruction.asked(row.getString(2)) + "\n\n" + row.getString(3))
            : paragraphs;
    var rows = new LinkedHashSet<Row>();
    matches(read, reference)
        .forEach(
            (number, entries) -> {
              for (var entry : entries) {
                var first = instruction ? 0 : number;
                var end = instruction ? paragraphs.size() : number + 1;
                for (var i = first; i < end; i++) {
                  rows.add(row(id, i, reference.entry(entry)));
                }
              }
            });
    return rows.iterator();
  }

  private static Row row(String id, int number, Reference.Entry entry) {
    var what = "holds words of %s %s".formatted(entry.task(), entry.name());
    return RowFactory.create(id, number, REASON + entry.task(), what);
  }

  /**
   * The entries that share words with each paragraph, by paragraph; runs may span several
   * paragraphs.
   */
  private static TreeMap<Integer, Set<Integer>> matches(
      List<String> paragraphs, Reference reference) {
    var document = ParagraphWords.of(paragraphs);
    var matches = new TreeMap<Integer, Set<Integer>>();
    reference.find(
        document.words(),
        (first, length, entry) -> {
          var last = document.paragraph(first + length - 1);
          for (var i = document.paragraph(first); i <= last; i++) {
            matches.computeIfAbsent(i, number -> new LinkedHashSet<>()).add(entry);
          }
        });
    return matches;
  }

  /** Numbers of items searched for and found, by task. */
  public List<TaskLeaks> tasks() {
    var found = new TreeMap<String, Long>();
    found()
        .groupBy("why")
        .agg(countDistinct("what"))
        .collectAsList()
        .forEach(row -> found.put(row.getString(0).substring(REASON.length()), row.getLong(1)));
    var tasks = new ArrayList<TaskLeaks>();
    reference
        .items()
        .forEach(
            (task, items) ->
                tasks.add(
                    new TaskLeaks(
                        task, items, reference.tooShort(task), found.getOrDefault(task, 0L))));
    return tasks;
  }

  @Override
  public void close() {
    found.unpersist();
  }
}
