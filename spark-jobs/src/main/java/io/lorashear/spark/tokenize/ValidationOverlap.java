package io.lorashear.spark.tokenize;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;

import io.lorashear.corpus.Sequence;
import io.lorashear.spark.overlap.ParagraphRemoval;
import io.lorashear.spark.overlap.ParagraphWords;
import io.lorashear.spark.overlap.Winnowing;
import io.lorashear.spark.source.Instruction;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.sketch.BloomFilter;

/**
 * Training text that also occurs in validation: two sources may have the same novel, cut at
 * different positions. Its paragraphs are removed from the training passages; an instruction is
 * removed as a whole.
 *
 * <pre>
 *   a new training passage         without the text of any new or earlier validation passage
 *   a new validation passage       without the text of any earlier training passage
 * </pre>
 *
 * The first validation passages of a source stay complete, because it has no others.
 *
 * @param kept cached data sets, released on closing
 * @param found columns document and paragraphs (their numbers, from 0)
 * @param affected a filter over the documents in {@code found} if they are many; empty if they are
 *     few enough to be sent to every executor
 */
record ValidationOverlap(
    List<Dataset<Row>> kept, Dataset<Row> found, Optional<Broadcast<BloomFilter>> affected)
    implements AutoCloseable {
  /** Share of other hashes that the Bloom filter lets through. */
  private static final double FALSE_HITS = 0.01;

  /**
   * Maximum number of affected passages for which the findings are sent to every executor, so that
   * no text need be shuffled. If there are more, theirs alone is.
   */
  static final int SENT = 100_000;

  private static final StructType PRINTS =
      new StructType()
          .add("split", DataTypes.StringType, false)
          .add("document", DataTypes.StringType, false)
          .add("hash", DataTypes.LongType, false)
          .add("paragraph", DataTypes.IntegerType, false)
          .add("yields", DataTypes.BooleanType, false)
          .add("earlier", DataTypes.BooleanType, false);

  /** Which hashes become rows. */
  private interface Wanted extends Serializable {
    boolean contains(long hash);
  }

  /**
   * Compares training passages of documents with validation passages. Training text is large: only
   * those of its fingerprints become rows that a Bloom filter over the validation's fingerprints
   * does not exclude.
   *
   * @param earlier passages of the corpus that this one extends, with the split as last column
   * @param settings settings; common runs of {@code exclude} words are always found, runs of fewer
   *     than half of it never
   * @param most findings of so many passages are sent to every executor ({@link #SENT})
   */
  static ValidationOverlap of(
      Dataset<Row> documents,
      Optional<Dataset<Row>> earlier,
      ShardPlan plan,
      TokenizeSettings settings,
      int most) {
    var measuring =
        prints(documents, earlier, plan, settings, Sequence.VALIDATION, hash -> true)
            .persist(StorageLevel.MEMORY_AND_DISK());
    long count = measuring.count(); // of no rows, Spark 4 makes no filter
    var filter =
        count == 0
            ? BloomFilter.create(1, FALSE_HITS)
            : measuring.stat().bloomFilter("hash", count, FALSE_HITS);
    var context = JavaSparkContext.fromSparkContext(documents.sparkSession().sparkContext());
    var sent = context.broadcast(filter);
    var training =
        prints(
            documents,
            earlier,
            plan,
            settings,
            Sequence.TRAIN,
            hash -> sent.value().mightContainLong(hash));
    var prints = measuring.union(training).persist(StorageLevel.MEMORY_AND_DISK());
    var found = against(prints, Sequence.TRAIN, of(Sequence.VALIDATION));
    if (earlier.isPresent()) {
      var trained = of(Sequence.TRAIN).and(col("earlier"));
      found = found.union(against(prints, Sequence.VALIDATION, trained));
    }
    var gathered =
        found
            .groupBy("document")
            .agg(collect_set("paragraph").as("paragraphs"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    long passages = gathered.count();
    var kept = List.of(measuring, prints, gathered);
    if (passages <= most) {
      return new ValidationOverlap(kept, broadcast(gathered), Optional.empty());
    }
    var affected = gathered.stat().bloomFilter("document", passages, FALSE_HITS);
    return new ValidationOverlap(kept, gathered, Optional.of(context.broadcast(affected)));
  }

  /** The fingerprints of all passages of one split. */
  private static Dataset<Row> prints(
      Dataset<Row> documents,
      Optional<Dataset<Row>> earlier,
      ShardPlan plan,
      TokenizeSettings settings,
      String split,
      Wanted wanted) {
    int words = settings.validation().exclude();
    FlatMapFunction<Passage, Row> print =
        passage -> {
          var yields = split.equals(Sequence.TRAIN) || plan.measured(passage.source());
          return plan.split(passage).equals(split)
              ? prints(passage, split, yields, false, words, wanted)
              : Collections.emptyIterator();
        };
    FlatMapFunction<Row, Row> before =
        row ->
            row.getString(row.size() - 1).equals(split)
                ? prints(Passage.of(row), split, false, true, words, wanted)
                : Collections.emptyIterator();
    var rows = Encoders.row(PRINTS);
    var own = Passage.flatMap(documents, settings.passageCharacters(), print, rows);
    return earlier.map(known -> own.union(known.flatMap(before, rows))).orElse(own);
  }

  private static Column of(String split) {
    return col("split").equalTo(split);
  }

  /**
   * Paragraphs of {@code split} to remove, because they share a fingerprint with the rows for which
   * {@code others} holds.
   */
  private static Dataset<Row> against(Dataset<Row> prints, String split, Column others) {
    return prints
        .filter(of(split).and(col("yields")))
        .join(prints.filter(others).select("hash").distinct(), "hash")
        .select("document", "paragraph");
  }

  /**
   * The fingerprints of a passage by paragraph; a run of words that spans several paragraphs counts
   * for each of them.
   */
  private static Iterator<Row> prints(
      Passage passage, String split, boolean yields, boolean earlier, int words, Wanted wanted) {
    var winnowing = Winnowing.finding(words);
    var document = ParagraphWords.of(compared(passage));
    var rows = new ArrayList<Row>();
    for (var print : winnowing.of(document.words())) {
      if (!wanted.contains(print.hash())) {
        continue;
      }
      var last = document.paragraph(print.first() + winnowing.run() - 1);
      for (var i = document.paragraph(print.first()); i <= last; i++) {
        rows.add(RowFactory.create(split, passage.document(), print.hash(), i, yields, earlier));
      }
    }
    return rows.iterator();
  }

  private static List<String> compared(Passage passage) {
    return passage.response().isEmpty()
        ? ParagraphRemoval.paragraphs(passage.text())
        : List.of(Instruction.asked(passage.text()) + "\n\n" + passage.response());
  }

  /** The passages, with the found paragraphs moved from their text to the excluded text. */
  Dataset<Row> without(Dataset<Row> passages) {
    return affected
        .map(
            filter ->
                joined(passages.filter(affected(filter, true)))
                    .union(passages.filter(affected(filter, false))))
        .orElseGet(() -> joined(passages));
  }

  private static FilterFunction<Row> affected(Broadcast<BloomFilter> filter, boolean wanted) {
    return row -> filter.value().mightContainString(Passage.of(row).document()) == wanted;
  }

  private Dataset<Row> joined(Dataset<Row> passages) {
    MapFunction<Row, Row> exclude =
        row -> {
          var passage = Passage.of(row);
          var at = row.fieldIndex("paragraphs");
          return row.isNullAt(at) ? passage.row() : excluding(passage, row.getList(at)).row();
        };
    return passages
        .join(found, passages.col("document").equalTo(found.col("document")), "left")
        .drop(found.col("document"))
        .map(exclude, Passage.ENCODER);
  }

  private static Passage excluding(Passage passage, List<Integer> numbers) {
    if (!passage.response().isEmpty()) {
      return passage.divided("", passage.text() + passage.response());
    }
    var found = new HashSet<>(numbers);
    var kept = new ArrayList<String>();
    var excluded = new ArrayList<String>();
    var paragraphs = ParagraphRemoval.paragraphs(passage.text());
    for (var i = 0; i < paragraphs.size(); i++) {
      (found.contains(i) ? excluded : kept).add(paragraphs.get(i));
    }
    return passage.divided(
        String.join(ParagraphRemoval.BLANK_LINE, kept),
        String.join(ParagraphRemoval.BLANK_LINE, excluded));
  }

  @Override
  public void close() {
    affected.ifPresent(Broadcast::destroy);
    kept.forEach(Dataset::unpersist);
  }
}
