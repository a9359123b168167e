package io.lorashear.family;

/**
 * The widths of one layer that pruning may change.
 *
 * @param queryHeads number of query heads, a multiple of {@code keyValueHeads}
 * @param keyValueHeads number of key-value heads
 * @param channels number of MLP channels
 */
public record LayerWidths(int queryHeads, int keyValueHeads, int channels) {}
