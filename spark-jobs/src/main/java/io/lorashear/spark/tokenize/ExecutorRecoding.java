package io.lorashear.spark.tokenize;

import io.lorashear.run.Sha256;
import io.lorashear.tokenizer.Recoding;
import io.lorashear.tokenizer.Tokenizer;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * A recoding that can be sent with tasks: both files are broadcast, and every JVM opens it once.
 */
record ExecutorRecoding(Broadcast<byte[]> from, Broadcast<byte[]> to) implements Serializable {
  private static final ConcurrentHashMap<String, Recoding> SHARED = new ConcurrentHashMap<>();

  static ExecutorRecoding of(SparkSession spark, Path from, Path to) {
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return new ExecutorRecoding(
        context.broadcast(Tokenizer.shared(from).json()),
        context.broadcast(Tokenizer.shared(to).json()));
  }

  /** The recoding of this JVM. */
  Recoding open() {
    var both = Sha256.of(from.value()) + Sha256.of(to.value());
    return SHARED.computeIfAbsent(both, hash -> Recoding.between(from.value(), to.value()));
  }
}
