package io.lorashear.torch.compile;

/** How the tokens of one call are arranged: their positions, and which tokens each attends to. */
public enum Arrangement {
  /** In rows, with causal attention. */
  ROWS("", "", "", "torch.squeeze(i, 1)", "torch.max(p) + 1", "p", "torch.ge(d, 0)"),

  /** In a tree; each token attends to its ancestors: i attends to j if {@code j ≤ i < ends[j]}. */
  TREE(
      "",
      "    positions: Tensor,\n    ends: Tensor,\n",
      ", positions, ends",
      "positions",
      "torch.max(p) + 1",
      "p",
      "torch.logical_and(torch.ge(i, torch.t(i)), torch.lt(i, ends))"),

  /**
   * In rows that hold several documents, with causal attention within each document: the document
   * of token i begins at {@code starts[i]} in the row.
   */
  PACKED(
      "",
      "    starts: Tensor,\n",
      ", starts",
      "torch.t(i) - starts",
      "torch.sum(torch.eq(torch.unsqueeze(starts, 2), torch.unsqueeze(starts, 1)), [2])",
      "p",
      "torch.logical_and(torch.ge(d, 0), torch.eq(torch.unsqueeze(starts, 2),"
          + " torch.unsqueeze(starts, 1)))"),

  /** In rows that continue {@code past} earlier tokens, whose keys and values are in the list c. */
  CONTINUED(
      "continued_",
      "    past: int,\n",
      ", past",
      "torch.squeeze(i, 1) + past",
      "torch.max(p) + 1",
      "torch.arange(past + torch.size(ids, 1), dtype=6, device=ids.device)",
      "torch.ge(d, 0)");

  /** Prefix of the names of the methods generated for it. */
  final String prefix;

  /** Parameters of the methods besides the ids, as declared. */
  final String declared;

  /** The same, as passed to another method. */
  final String passed;

  /** Positions of the queries, from the column vector i of their indices: (T), packed (B, T). */
  final String positions;

  /**
   * Number of tokens in the sequence of each query, given positions p: () or, packed, (B, T). In a
   * tree the longest path counts for all, as the longest row of a batch does in transformers.
   */
  final String length;

  /** Positions of the keys, given the positions p of the queries. */
  final String keys;

  /**
   * Which keys (columns) a query (row) attends to, given how far back they are, d: (…, T, keys).
   */
  final String visible;

  Arrangement(
      String prefix,
      String declared,
      String passed,
      String positions,
      String length,
      String keys,
      String visible) {
    this.prefix = prefix;
    this.declared = declared;
    this.passed = passed;
    this.positions = positions;
    this.length = length;
    this.keys = keys;
    this.visible = visible;
  }

  /** Whether a token attends to all tokens before it. */
  boolean causal() {
    return this == ROWS || this == CONTINUED;
  }
}
