package io.lorashear.spark.engine;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Scores rows in place of the built-in engine; only some builds have it. */
public interface RowPredictor extends Engine.Served {
  /**
   * The rows with the model's answers as the last column.
   *
   * @param question name of a column of arrays as DJL's {@code NDList} encodes them
   * @param answer name of the new column, encoded in the same way
   * @param model address of a folder with a TorchScript file {@code model.pt}; every executor reads
   *     it there
   */
  Dataset<Row> add(Dataset<Row> rows, String question, String answer, String model);
}
