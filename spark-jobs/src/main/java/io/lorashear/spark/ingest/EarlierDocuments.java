package io.lorashear.spark.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import io.lorashear.spark.dedup.TextHash;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;

/**
 * Documents that were published earlier: new documents are compared with them, and they always
 * survive. Both are compared as published, after decontamination.
 */
final class EarlierDocuments {
  /**
   * Prefix of the ids of earlier documents, which makes them smaller than every new id, so that
   * they survive.
   */
  private static final String SIGN = "(earlier) ";

  private EarlierDocuments() {}

  /**
   * The verdicts on new documents, with repetitions of earlier ones dropped.
   *
   * @param repetitions closed by the caller when the result is no longer needed
   */
  static Dataset<Row> without(
      SparkSession spark,
      List<PublishedDocuments> earlier,
      Dataset<Row> verdicts,
      Repetitions repetitions) {
    var known = earlier.stream().map(each -> each.rows(spark)).reduce(Dataset::unionByName);
    var compared = hashed(verdicts).unionByName(hashed(asVerdicts(known.orElseThrow())));
    return repetitions.mark(compared).filter(not(col("id").startsWith(SIGN)));
  }

  private static Dataset<Row> hashed(Dataset<Row> verdicts) {
    var hash = udf((UDF2<String, String, String>) TextHash::of, DataTypes.StringType);
    var kept = col("reason").isNull();
    return verdicts.withColumn("hash", when(kept, hash.apply(col("text"), col("response"))));
  }

  private static Dataset<Row> asVerdicts(Dataset<Row> documents) {
    var nothing = lit(null).cast("string");
    return documents
        .withColumn("id", concat(lit(SIGN), col("id")))
        .withColumn("removed", expr("cast(map() as map<string, int>)"))
        .withColumn("examples", expr("cast(map() as map<string, string>)"))
        .withColumn("hash", nothing)
        .withColumn("reason", nothing)
        .withColumn("detail", nothing)
        .withColumn("excerpt", nothing)
        .withColumn("warnings", expr("cast(map() as map<string, string>)"))
        .select(columns());
  }

  private static Column[] columns() {
    return List.of(Verdicts.SCHEMA.fieldNames()).stream()
        .map(name -> col(name))
        .toArray(Column[]::new);
  }
}
