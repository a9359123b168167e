package io.lorashear.spark.engine;

import ai.djl.spark.task.binary.BinaryPredictor;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * DJL's extension for Spark. Its predictor opens the model anew for every partition and leaves
 * closing it to the end of the process: there are no more partitions here than cores.
 */
public final class DjlSparkPredictor implements RowPredictor {
  @Override
  public Engine engine() {
    return Engine.DJL_SPARK;
  }

  @Override
  public Dataset<Row> add(Dataset<Row> rows, String question, String answer, String model) {
    var predictor = new BinaryPredictor();
    predictor.setEngine("PyTorch");
    predictor.setModelUrl(model);
    predictor.setBatchSize(1);
    predictor.setInputCol(question);
    predictor.setOutputCol(answer);
    return predictor.predict(rows.coalesce(rows.sparkSession().sparkContext().defaultParallelism()));
  }
}
