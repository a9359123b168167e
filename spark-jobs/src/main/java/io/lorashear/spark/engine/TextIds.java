package io.lorashear.spark.engine;

import java.io.Serializable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Turns texts into ids in place of the built-in engine; only some builds have it. */
public interface TextIds extends Engine.Served, Serializable {
  /** Number of tokens from which texts may be truncated. */
  int limit();

  /**
   * The rows without their texts, and with the ids of the texts, an array of longs, as the last
   * column.
   *
   * @param texts name of a column of strings
   * @param ids name of the new column
   * @param model name of the model at the Hugging Face hub whose tokenizer it is; every executor
   *     must reach the hub, or hold the model in its cache
   */
  Dataset<Row> add(Dataset<Row> rows, String texts, String ids, String model);
}
