package io.lorashear.torch.compile;

import io.lorashear.graph.ModelGraph;

/** How many positions have their logits in memory at a time, so that not all of them do. */
public enum LogitRows {
  /** 32 MiB of float32, about the size of a CPU's cache. */
  CPU(1 << 23),
  /**
   * 256 MiB of float32: enough rows for efficient products on a GPU with the largest vocabularies.
   */
  GPU(1 << 26);

  private final int logits;

  LogitRows(int logits) {
    this.logits = logits;
  }

  /** The limit for a GPU, or for a CPU. */
  public static LogitRows of(boolean gpu) {
    return gpu ? GPU : CPU;
  }

  /** Number of positions: a multiple of 16, at least 16. */
  public int in(ModelGraph graph) {
    int vocabulary = graph.shape(graph.logits()).get(0).size();
    return Math.max(16, logits / vocabulary / 16 * 16);
  }
}
