package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.substring_index;
import static org.apache.spark.sql.functions.when;

import io.lorashear.spark.dedup.DuplicateSettings;
import io.lorashear.spark.dedup.ExactDuplicates;
import io.lorashear.spark.dedup.NearDuplicates;
import io.lorashear.spark.overlap.ParagraphRemoval;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * Leaves out what repeats another text: documents with the same words, then documents that are
 * nearly the same, then paragraphs.
 */
final class Repetitions implements AutoCloseable {
  /** Between a document's id and the number of a paragraph; in no id. */
  private static final String PARAGRAPH_SIGN = "\u00b6";

  /** Shorter paragraphs, a chapter's heading or a line of a dialogue, may well occur twice. */
  private static final int SHORTEST_PARAGRAPH = 100;

  private final DuplicateSettings settings;
  private final List<Dataset<Row>> kept = new ArrayList<>();
  private final List<NearDuplicates> found = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  Repetitions(DuplicateSettings settings) {
    this.settings = settings;
  }

  /** The verdicts, with a reason where a document goes for it; valid until this is closed. */
  Dataset<Row> mark(Dataset<Row> verdicts) {
    var rows = settings.exact() ? ExactDuplicates.mark(verdicts) : verdicts;
    if (settings.near()) {
      rows = documents(kept(rows));
    }
    return settings.paragraphs() ? paragraphs(kept(rows)) : rows;
  }

  /** What the user should know of how it went. */
  List<String> notes() {
    return List.copyOf(notes);
  }

  private Dataset<Row> kept(Dataset<Row> rows) {
    kept.add(rows.persist(StorageLevel.DISK_ONLY()));
    return rows;
  }

  private Dataset<Row> among(Dataset<Row> texts, String what) {
    var near = NearDuplicates.among(texts, settings);
    found.add(near);
    if (near.crowded() > 0) {
      notes.add(
          "near duplicates: %d buckets hold more than %d %s; of those, each was compared with the"
                  .formatted(near.crowded(), settings.bucket(), what)
              + " first %d only (duplicates.bucket)".formatted(settings.bucket()));
    }
    return near.survivors();
  }

  private Dataset<Row> documents(Dataset<Row> rows) {
    var survivors = among(Comparison.documents(rows), "documents");
    var repeated = col("survivor").isNotNull();
    return rows.join(survivors, rows.col("id").equalTo(survivors.col("id")), "left")
        .drop(survivors.col("id"))
        .withColumn("reason", when(repeated, NearDuplicates.REASON).otherwise(col("reason")))
        .withColumn(
            "detail", coalesce(concat(lit("nearly the same as "), col("survivor")), col("detail")))
        .drop("survivor");
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
