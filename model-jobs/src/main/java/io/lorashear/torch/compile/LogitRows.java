package io.lorashear.torch.compile;

import io.lorashear.graph.ModelGraph;

/** How many positions have their logits in memory at a time, so that they need not all. */
public enum LogitRows {
  /** 32 MiB of float32, about what a CPU's cache serves. */
  CPU(1 << 23),
  /** 256 MiB: rows enough for a GPU's products with the widest vocabularies. */
  GPU(1 << 26);

  private final int logits;

  LogitRows(int logits) {
    this.logits = logits;
  }

  /** Those of a device. */
  public static LogitRows of(boolean gpu) {
    return gpu ? GPU : CPU;
  }

  /** Positions, a multiple of 16, at least 16. */
  public int in(ModelGraph graph) {
    int vocabulary = graph.shape(graph.logits()).get(0).size();
    return Math.max(16, logits / vocabulary / 16 * 16);
  }
}
