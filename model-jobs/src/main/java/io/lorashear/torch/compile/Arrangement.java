package io.lorashear.torch.compile;

/** How the tokens of one call stand to each other: where they are, and which of them each sees. */
public enum Arrangement {
  /** In rows, each token seeing those before it. */
  ROWS("", "", "", "torch.squeeze(i, 1)", "torch.max(p) + 1", "p", "torch.ge(d, 0)"),

  /** In a tree, each token seeing its ancestors: node j is seen by i if {@code j ≤ i < ends[j]}. */
  TREE(
      "",
      "    positions: Tensor,\n    ends: Tensor,\n",
      ", positions, ends",
      "positions",
      "torch.max(p) + 1",
      "p",
      "torch.logical_and(torch.ge(i, torch.t(i)), torch.lt(i, ends))"),

  /**
   * In rows of several documents, each token seeing those before it in its own: the document of
   * token i begins at {@code starts[i]} of the row.
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

  /** In rows that go on from {@code past} tokens, whose keys and values are in the list c. */
  CONTINUED(
      "continued_",
      "    past: int,\n",
      ", past",
      "torch.squeeze(i, 1) + past",
      "torch.max(p) + 1",
      "torch.arange(past + torch.size(ids, 1), dtype=6, device=ids.device)",
      "torch.ge(d, 0)");

  /** What names of the methods begin with that are written for it. */
  final String prefix;

  /** What methods take beside the ids, as declared. */
  final String declared;

  /** The same as passed on. */
  final String passed;

  /** Positions of the queries, from the column i of their numbers: (T), packed (B, T). */
  final String positions;

  /**
   * Tokens of the sequence that each query stands in, where positions are p: () or, packed, (B, T).
   * In a tree the longest way counts for all, as the longest row does in a batch of transformers.
   */
  final String length;

  /** Positions of the keys, where those of the queries are p. */
  final String keys;

  /** Which keys (columns) a query (row) sees, where d is how far back they are: (…, T, keys). */
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

  /** Whether a token sees all those before it. */
  boolean causal() {
    return this == ROWS || this == CONTINUED;
  }
}
