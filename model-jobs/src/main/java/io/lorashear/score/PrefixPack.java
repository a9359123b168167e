package io.lorashear.score;

/**
 * Token sequences merged at their common prefixes and laid out depth first, so that a shared
 * context is computed once and nothing is padded:
 *
 * <pre>
 *   sequences  a b c    a b d e    a f        tree  a ─ b ─ c
 *                                                   │   └── d ─ e
 *                                                   └── f
 *   node        0  1  2  3  4  5
 *   ids         a  b  c  d  e  f
 *   positions   0  1  2  2  3  1      depth
 *   ends        6  5  3  5  5  6      one past the last node below
 * </pre>
 *
 * A token attends to itself and its ancestors: i attends to j exactly if {@code j ≤ i < ends[j]}.
 *
 * @param ids of the nodes, (nodes,)
 * @param positions of the nodes in their sequences, (nodes,)
 * @param ends one past each node's last descendant, (nodes,)
 * @param rows nodes after which a token is scored, ascending, each once, (rows,)
 * @param askedRows index into {@code rows} of each prediction, (asked,)
 * @param askedTargets the token to be scored by each prediction, (asked,)
 * @param requests which request each prediction belongs to, (asked,)
 */
@SuppressWarnings("ArrayRecordComponent") // Handed over to tensors as they are.
record PrefixPack(
    int[] ids,
    int[] positions,
    int[] ends,
    int[] rows,
    int[] askedRows,
    int[] askedTargets,
    int[] requests) {}
