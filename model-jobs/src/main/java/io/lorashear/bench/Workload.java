package io.lorashear.bench;

import java.util.Locale;

/** The workloads. */
public enum Workload {
  /** Steps of LoRA training, compared with their matrix products. */
  TRAIN("tokens"),
  /** Losses of sequences, compared with their matrix products. */
  SCORE("tokens"),
  /**
   * Reading a prompt and generating, with several models, each compared with its matrix products.
   */
  GENERATE("tokens"),
  /** Weights from files onto the device, compared with a plain read of the same files. */
  LOAD("bytes"),
  /** Tracing a model and finding its removable groups; there is no limit to compare with. */
  GRAPH("nodes"),
  /** Documents to published shards on Spark, compared with encoding their texts alone. */
  TOKENIZE("megabytes"),
  /** Raw files to cleaned rows on Spark, compared with a plain read of the same files. */
  INGEST("megabytes");

  private final String unit;

  Workload(String unit) {
    this.unit = unit;
  }

  /** Unit of speeds. */
  public String unit() {
    return unit;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
