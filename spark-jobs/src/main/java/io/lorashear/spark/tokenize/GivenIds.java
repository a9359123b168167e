package io.lorashear.spark.tokenize;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;

import io.lorashear.InputException;
import io.lorashear.settings.Settings;
import io.lorashear.spark.engine.TextIds;
import io.lorashear.tokenizer.Tokenizer;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Ids of passages from another engine, which must agree with the built-in one.
 *
 * @param model name at the Hugging Face hub
 */
record GivenIds(TextIds engine, String model) implements Serializable {
  private static final String WHOLE = "whole";
  private static final String IDS = "ids";

  /** Words, numbers, a blank line, letters of two and of four bytes. */
  private static final String PROBE = "The 1st of 12 oaks.\n\nÉtait-il vert? 🦙 Yes!";

  /**
   * Empty if the settings name the built-in engine.
   *
   * @param tokenizer the tokenizer that the ids must agree with
   * @throws InputException if the ids of a test sentence differ
   */
  static Optional<GivenIds> of(SparkSession spark, TokenizeSettings settings, Tokenizer tokenizer) {
    return settings
        .engine()
        .find(TextIds.class)
        .map(engine -> new GivenIds(engine, settings.hubModel().orElseThrow()))
        .map(ids -> ids.agreeing(spark, tokenizer));
  }

  GivenIds agreeing(SparkSession spark, Tokenizer tokenizer) {
    var probe = spark.createDataset(List.of(PROBE), Encoders.STRING()).toDF(WHOLE);
    var theirs = ids(encoded(probe).first(), 0);
    var ours = tokenizer.encode(PROBE);
    if (!Arrays.equals(theirs, ours)) {
      throw new InputException(
          "hubModel %s has other ids than %s: %s and %s for \"%s\"; name the model that the"
              + " tokenizer comes from, or leave engine out",
          model, tokenizer.file(), Arrays.toString(theirs), Arrays.toString(ours), PROBE);
    }
    return this;
  }

  /** Passages with the ids of text and response as their last column. */
  Dataset<Row> with(Dataset<Row> passages) {
    var whole = passages.withColumn(WHOLE, concat(col("text"), col("response")));
    return encoded(whole);
  }

  /** Casts the ids, so that the array is Spark's own type, whatever the engine returned. */
  private Dataset<Row> encoded(Dataset<Row> rows) {
    return engine.add(rows, WHOLE, IDS, model).withColumn(IDS, col(IDS).cast("array<int>"));
  }

  /**
   * The ids in one of these rows.
   *
   * @throws InputException if there are so many ids that the text may have been truncated
   */
  int[] of(Passage passage, Row row) {
    var ids = ids(row, row.size() - 1);
    if (ids.length >= engine.limit()) {
      throw new InputException(
          "a passage of document %s of %s has %d tokens or more, where engine %s cuts texts: lower"
              + " passageCharacters, or leave engine out",
          passage.document(), passage.source(), engine.limit(), Settings.word(engine.engine()));
    }
    return ids;
  }

  private static int[] ids(Row row, int column) {
    return row.<Integer>getList(column).stream().mapToInt(Integer::intValue).toArray();
  }
}
