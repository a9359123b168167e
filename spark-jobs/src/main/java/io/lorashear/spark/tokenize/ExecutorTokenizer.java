package io.lorashear.spark.tokenize;

import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;

/**
 * A tokenizer that tasks can take with them: the file travels, and every JVM opens it once. The
 * native tokenizer itself is never part of a closure.
 */
record ExecutorTokenizer(String sha256, Broadcast<byte[]> json) implements Serializable {

  private static final ConcurrentHashMap<String, Tokenizer> OPEN = new ConcurrentHashMap<>();

  static ExecutorTokenizer of(SparkSession spark, Tokenizer tokenizer) {
    try {
      var json = Files.readAllBytes(tokenizer.file());
      var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
      return new ExecutorTokenizer(tokenizer.sha256(), context.broadcast(json));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The one of this JVM. */
  Tokenizer open() {
    return OPEN.computeIfAbsent(sha256, hash -> unpacked(json.value()));
  }

  private static Tokenizer unpacked(byte[] json) {
    try {
      Path folder = Files.createTempDirectory("lorashear-tokenizer");
      try {
        return Tokenizer.open(Files.write(folder.resolve("tokenizer.json"), json));
      } finally {
        Files.deleteIfExists(folder.resolve("tokenizer.json"));
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
