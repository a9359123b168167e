package io.lorashear.family;

import java.util.List;

/**
 * The widths of one layer that pruning may change.
 *
 * @param queryHeads number of query heads, a multiple of {@code keyValueHeads}
 * @param keyValueHeads number of key-value heads
 * @param channels number of MLP channels
 */
public record LayerWidths(int queryHeads, int keyValueHeads, int channels) {
  /** The fields that say them. */
  static final List<String> FIELDS =
      List.of("num_attention_heads", "num_key_value_heads", "intermediate_size");
}
