package io.lorashear.family;

import java.util.Collections;
import java.util.List;

/**
 * The widths of one layer that pruning may change.
 *
 * @param queryHeads number of query heads, a multiple of {@code keyValueHeads}
 * @param keyValueHeads number of key-value heads
 * @param mlps number of channels of each MLP: of the only one, or of every expert
 */
public record LayerWidths(int queryHeads, int keyValueHeads, List<Integer> mlps) {
  /** The fields that say them. */
  static final List<String> FIELDS =
      List.of(
          "num_attention_heads", "num_key_value_heads", "intermediate_size", "num_local_experts");

  /** A layer with one MLP. */
  public LayerWidths(int queryHeads, int keyValueHeads, int channels) {
    this(queryHeads, keyValueHeads, List.of(channels));
  }

  /** Channels of the widest MLP. */
  public int channels() {
    return Collections.max(mlps);
  }
}
