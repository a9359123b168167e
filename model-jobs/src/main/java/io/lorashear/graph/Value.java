package io.lorashear.graph;

/**
 * The output of one operator. Its tensor has the batch and time dimensions first: (B, T,
 * features…); only the features have extents, see {@link ModelGraph#shape(Value)}.
 */
public record Value(int id) {}
