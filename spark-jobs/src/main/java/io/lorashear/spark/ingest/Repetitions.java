package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.substring_index;

import io.lorashear.spark.dedup.Components;
import io.lorashear.spark.dedup.DuplicateSettings;
import io.lorashear.spark.dedup.ExactDuplicates;
import io.lorashear.spark.dedup.FewTexts;
import io.lorashear.spark.dedup.NearDuplicates;
import io.lorashear.spark.overlap.ParagraphRemoval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/** Removes repeated text: exact duplicates of documents, then near duplicates, then paragraphs. */
final class Repetitions implements AutoCloseable {
  /** Separates a document's id from the number of a paragraph; does not occur in ids. */
  private static final String PARAGRAPH_SIGN = "\u00b6";

  /**
   * Minimum length in characters: shorter paragraphs, such as headings or lines of dialogue, may
   * legitimately occur twice.
   */
  private static final int SHORTEST_PARAGRAPH = 100;

  private static final String NEARLY_THE_SAME_AS = "nearly the same as ";

  private static final StructType REPEATED =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("why", DataTypes.StringType, false)
          .add("what", DataTypes.StringType, false);

  private final DuplicateSettings settings;
  private final Shuffles shuffles;
  private final List<Dataset<Row>> kept = new ArrayList<>();
  private final List<NearDuplicates> found = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /**
   * A deduplication by these settings.
   *
   * @param shuffles shuffles of all comparisons
   */
  Repetitions(DuplicateSettings settings, Shuffles shuffles) {
    this.settings = settings;
    this.shuffles = shuffles;
  }

  /** The verdicts with duplicates marked; valid until this is closed. */
  Dataset<Row> mark(Dataset<Row> verdicts) {
    var rows = shuffles.few() ? fewDocuments(verdicts) : documents(verdicts);
    return settings.paragraphs() ? paragraphs(kept(rows)) : rows;
  }

  /** Remarks for the user. */
  List<String> notes() {
    return List.copyOf(notes);
  }

  private Dataset<Row> kept(Dataset<Row> rows) {
    kept.add(shuffles.kept(rows));
    return rows;
  }

  private Dataset<Row> among(Dataset<Row> texts, String what) {
    if (shuffles.few()) {
      var few = FewTexts.near(texts, settings);
      note(few.crowded(), what);
      return Components.survivors(texts.sparkSession(), few.nearlySame());
    }
    var near = NearDuplicates.among(texts, settings);
    found.add(near);
    note(near.crowded(), what);
    return near.survivors();
  }

  private void note(long crowded, String what) {
    if (crowded > 0) {
      notes.add(
          "near duplicates: %d buckets hold more than %d %s; of those, each was compared with the"
                  .formatted(crowded, settings.bucket(), what)
              + " first %d only (duplicates.bucket)".formatted(settings.bucket()));
    }
  }

  private Dataset<Row> documents(Dataset<Row> verdicts) {
    var rows = settings.exact() ? ExactDuplicates.mark(verdicts) : verdicts;
    if (!settings.near()) {
      return rows;
    }
    var survivors = among(Comparison.documents(kept(rows)), "documents");
    return marked(
        rows,
        survivors.select(
            col("id"),
            lit(NearDuplicates.REASON).as("why"),
            concat(lit(NEARLY_THE_SAME_AS), col("survivor")).as("what")));
  }

  private Dataset<Row> fewDocuments(Dataset<Row> rows) {
    if (!settings.exact() && !settings.near()) {
      return rows;
    }
    var texts = FewTexts.all(Comparison.documents(rows), settings);
    note(texts.crowded(), "documents");
    var repeated = new ArrayList<Row>();
    add(repeated, texts.same(), ExactDuplicates.REASON, ExactDuplicates.SAME_AS);
    add(repeated, texts.nearlySame(), NearDuplicates.REASON, NEARLY_THE_SAME_AS);
    return repeated.isEmpty()
        ? rows
        : marked(rows, rows.sparkSession().createDataFrame(repeated, REPEATED));
  }

  private static void add(
      List<Row> repeated, Map<UTF8String, UTF8String> found, String why, String what) {
    found.forEach((id, other) -> repeated.add(RowFactory.create(id.toString(), why, what + other)));
  }

  /**
   * The verdicts, with the reasons for which some documents are dropped.
   *
   * @param repeated columns id, why and what
   */
  private static Dataset<Row> marked(Dataset<Row> rows, Dataset<Row> repeated) {
    return rows.join(repeated, rows.col("id").equalTo(repeated.col("id")), "left")
        .drop(repeated.col("id"))
        .withColumn("reason", coalesce(col("why"), col("reason")))
        .withColumn("detail", coalesce(col("what"), col("detail")))
        .drop("why", "what");
  }

  private Dataset<Row> paragraphs(Dataset<Row> rows) {
    var name = concat(col("id"), lit(PARAGRAPH_SIGN), format_string("%08d", col("number")));
    var texts =
        Comparison.paragraphs(rows)
            .filter(length(col("text")).geq(SHORTEST_PARAGRAPH))
            .select(name.as("id"), col("text"));
    var repeated =
        among(texts, "paragraphs")
            .select(
                substring_index(col("id"), PARAGRAPH_SIGN, 1).as("id"),
                substring_index(col("id"), PARAGRAPH_SIGN, -1).cast("int").as("number"),
                lit(NearDuplicates.PARAGRAPH).as("why"),
                concat(lit("nearly all of it in "), col("survivor")).as("what"));
    return new ParagraphRemoval(1).from(rows, repeated);
  }

  @Override
  public void close() {
    found.forEach(NearDuplicates::close);
    kept.forEach(Dataset::unpersist);
  }
}
