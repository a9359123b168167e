package io.lorashear.spark.engine;

import java.io.Serializable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Turns texts into ids instead of the built-in engine; a build may have it or not. */
public interface TextIds extends Engine.Served, Serializable {
  /** Texts of so many tokens or more may have lost their end. */
  int limit();

  /**
   * The rows without their texts, and as a last column the ids of those, an array of longs.
   *
   * @param texts name of a column of strings
   * @param ids name of the new column
   * @param model name of the model at the Hugging Face hub whose tokenizer it is; every executor
   *     must reach the hub, or hold the model in its cache
   */
  Dataset<Row> add(Dataset<Row> rows, String texts, String ids, String model);
}
