package io.lorashear.graph;

/**
 * What one index of an axis is, according to the operators that created the axis. When two axes are
 * unified, the later constant wins.
 */
public enum AxisRole {
  /** A channel between two matrices, for example of an MLP. */
  CHANNELS("channels"),
  /** A head whose part in an attention is not known yet. */
  HEADS("heads"),
  /** A component of a LoRA pair: a row of A and a column of B. */
  RANK("rank"),
  /** One component of a head's vector. */
  HEAD_DIMENSION("headDim"),
  /** A query head within each group that shares a key-value head. */
  QUERY_GROUP("group"),
  /** A key-value head with the query heads that read it. */
  KEY_VALUE_HEADS("kvHeads"),
  /** A whole MLP, one of several that a router chooses from. */
  EXPERTS("experts"),
  /** A channel of the residual stream, through the whole model. */
  RESIDUAL("hidden"),
  /** A position in a text, in models with learned position embeddings. */
  POSITIONS("positions"),
  /** A token of the vocabulary. */
  VOCABULARY("vocabulary");

  private final String word;

  AxisRole(String word) {
    this.word = word;
  }

  /** The last word of the names of such axes. */
  public String word() {
    return word;
  }
}
