package io.lorashear.spark.tokenize;

import io.lorashear.tokenizer.Tokenizer;
import java.io.Serializable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * A tokenizer that can be sent with tasks: the file is broadcast, and every JVM opens it once. The
 * native tokenizer is never part of a closure.
 */
record ExecutorTokenizer(String sha256, Broadcast<byte[]> json) implements Serializable {

  static ExecutorTokenizer of(SparkSession spark, Tokenizer tokenizer) {
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return new ExecutorTokenizer(tokenizer.sha256(), context.broadcast(tokenizer.json()));
  }

  /** The tokenizer of this JVM. */
  Tokenizer open() {
    return Tokenizer.shared(sha256, json::value);
  }
}
