package io.lorashear.spark.ingest;

import io.lorashear.spark.clean.Cleaning;
import io.lorashear.spark.clean.Draft;
import io.lorashear.spark.dedup.TextHash;
import io.lorashear.spark.progress.Tally;
import io.lorashear.spark.shard.ShardFolder;
import io.lorashear.spark.source.Batch;
import io.lorashear.spark.source.Document;
import io.lorashear.spark.source.Dropped;
import io.lorashear.spark.source.Reading;
import io.lorashear.spark.source.Unreadable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** Cleaned readings as rows, one each, with the reason if a record was dropped. */
final class Verdicts {
  /** Reason of the row for an unreadable file; its excerpt is the fault. */
  static final String UNREADABLE = "unreadable";

  static final StructType SCHEMA =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("id", DataTypes.StringType, false)
          .add("kind", DataTypes.StringType, true)
          .add("text", DataTypes.StringType, true)
          .add("response", DataTypes.StringType, true)
          .add("file", DataTypes.StringType, false)
          .add("position", DataTypes.StringType, false)
          .add("paragraphs", DataTypes.IntegerType, false)
          .add(
              "removed",
              DataTypes.createMapType(DataTypes.StringType, DataTypes.IntegerType, false),
              false)
          .add(
              "examples",
              DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, false),
              false)
          .add("hash", DataTypes.StringType, true)
          .add("reason", DataTypes.StringType, true)
          .add("detail", DataTypes.StringType, true)
          .add("excerpt", DataTypes.StringType, true)
          .add(
              "warnings",
              DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, false),
              false);

  /** Schema of the verdicts with their places, for a {@link ShardFolder}. */
  static final StructType PLACED =
      new StructType()
          .add(ShardFolder.FILE, DataTypes.IntegerType, false)
          .add(ShardFolder.ROW, SCHEMA, true)
          .add(ShardFolder.NOTE, DataTypes.StringType, true);

  private Verdicts() {}

  /**
   * Rows for a {@link ShardFolder}, one task per batch, whose number is the file's. They are
   * written directly, because a Spark plan would take longer than the work.
   */
  static JavaRDD<InternalRow> of(
      SparkSession spark, List<Batch> batches, Cleaning cleaning, Tally tally) {
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    var configuration = new SerializableConfiguration(context.hadoopConfiguration());
    return context
        .parallelize(batches, Math.max(1, batches.size()))
        .flatMap(batch -> new StagedBatch(batch, configuration, cleaning, tally));
  }

  /** One row of {@link #SCHEMA}. */
  static Row row(Reading reading, Cleaning cleaning) {
    if (reading instanceof Document document) {
      return row(document, cleaning.clean(document));
    } else if (reading instanceof Dropped dropped) {
      return dropped(
          dropped.source(),
          dropped.id(),
          dropped.file(),
          dropped.position(),
          dropped.reason(),
          dropped.excerpt());
    }
    var file = (Unreadable) reading;
    var id = file.source() + "/" + file.file();
    return dropped(file.source(), id, file.file(), "", UNREADABLE, file.problem());
  }

  private static Row row(Document document, Draft draft) {
    var text = draft.text();
    var drop = draft.drop().orElse(null);
    return RowFactory.create(
        document.source(),
        document.id(),
        document.kind().name().toLowerCase(Locale.ROOT),
        text,
        draft.response(),
        document.file(),
        document.position(),
        draft.paragraphs().size(),
        scala(draft.removed()),
        scala(draft.examples()),
        TextHash.of(text, draft.response()),
        drop == null ? null : drop.reason(),
        drop == null ? null : drop.detail(),
        drop == null ? null : Dropped.excerpt(document.text()),
        scala(document.warnings()));
  }

  private static Row dropped(
      String source, String id, String file, String position, String reason, String excerpt) {
    return RowFactory.create(
        source,
        id,
        (@Nullable String) null,
        (@Nullable String) null,
        (@Nullable String) null,
        file,
        position,
        0,
        scala(Map.of()),
        scala(Map.of()),
        (@Nullable String) null,
        reason,
        (@Nullable String) null,
        excerpt,
        scala(Map.of()));
  }

  private static <T> scala.collection.Map<String, T> scala(Map<String, T> map) {
    return scala.collection.JavaConverters.mapAsScalaMap(map);
  }
}
