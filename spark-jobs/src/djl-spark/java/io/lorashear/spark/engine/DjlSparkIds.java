package io.lorashear.spark.engine;

import ai.djl.spark.task.text.TextEncoder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * DJL's extension for Spark. Its encoder opens the tokenizer by a name at the hub, fills texts of
 * one batch up to the longest, and cuts them at 512 tokens: a batch is one text here, and long ones
 * are an error.
 */
public final class DjlSparkIds implements TextIds {
  private static final long serialVersionUID = 1;
  private static final String ENCODING = "encoding";

  @Override
  public Engine engine() {
    return Engine.DJL_SPARK;
  }

  @Override
  public int limit() {
    return 512;
  }

  @Override
  public Dataset<Row> add(Dataset<Row> rows, String texts, String ids, String model) {
    var encoder = new TextEncoder();
    encoder.setHfModelId(model);
    encoder.setInputCol(texts);
    encoder.setOutputCol(ENCODING);
    encoder.setBatchSize(1);
    var encoded = encoder.encode(rows);
    return encoded.withColumn(ids, encoded.col(ENCODING + ".ids")).drop(texts, ENCODING);
  }
}
