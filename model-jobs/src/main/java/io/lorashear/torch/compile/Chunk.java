package io.lorashear.torch.compile;

import io.lorashear.graph.ModelGraph;

/**
 * How much of a computation is in memory at a time, by kind of device: enough that weights are
 * worth reading, few enough for a laptop's memory, or for a GPU of 40 GB beside a model of 7
 * billion weights.
 *
 * <pre>
 *          logits             tokens of a batch   nodes of a tree   second moments
 *   CPU    2²³ (32 MiB)       2,048               512               2²⁷ (1 GiB in float64)
 *   GPU    2²⁶ (256 MiB)      16,384              4,096             2²⁹ (4 GiB in float64)
 * </pre>
 *
 * Sums are rounded otherwise where chunks are cut otherwise, so the chunk is that of the device's
 * kind and not of its size.
 */
public enum Chunk {
  CPU(1 << 23, 1 << 11, 1 << 9, 1L << 27),
  GPU(1 << 26, 1 << 14, 1 << 12, 1L << 29);

  private final int logits;
  private final int tokens;
  private final int nodes;
  private final long moments;

  Chunk(int logits, int tokens, int nodes, long moments) {
    this.logits = logits;
    this.tokens = tokens;
    this.nodes = nodes;
    this.moments = moments;
  }

  /** That of a device. */
  public static Chunk of(boolean gpu) {
    return gpu ? GPU : CPU;
  }

  /** Positions whose logits are in memory: a multiple of 16, at least 16. */
  public int logitRows(ModelGraph graph) {
    int vocabulary = graph.shape(graph.logits()).get(0).size();
    return Math.max(16, logits / vocabulary / 16 * 16);
  }

  /** Tokens that are scored together, in sequences of one length. */
  public int tokens() {
    return tokens;
  }

  /** Nodes of the trees in which requests are scored together that begin alike. */
  public int nodes() {
    return nodes;
  }

  /** Numbers in the second moments that are held together. */
  public long moments() {
    return moments;
  }
}
