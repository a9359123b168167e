package io.lorashear.bench;

import java.util.Locale;

/** What can be measured. */
public enum Workload {
  /** Steps of LoRA training, against their matrix products. */
  TRAIN("tokens"),
  /** Losses of sequences, against their matrix products. */
  SCORE("tokens"),
  /** A prompt, and tokens after it, of several models, each against its matrix products. */
  GENERATE("tokens"),
  /** Weights from files onto the device, against a plain read of the same files. */
  LOAD("bytes"),
  /** Tracing a model and finding what can be removed from it; there is no limit to compare with. */
  GRAPH("nodes"),
  /** Documents to published shards on Spark, against the ids of their texts alone. */
  TOKENIZE("megabytes"),
  /** Raw files to cleaned rows on Spark, against a plain read of the same files. */
  INGEST("megabytes");

  private final String unit;

  Workload(String unit) {
    this.unit = unit;
  }

  /** What speeds count. */
  public String unit() {
    return unit;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
