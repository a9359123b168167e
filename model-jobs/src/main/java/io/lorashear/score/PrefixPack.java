package io.lorashear.score;

/**
 * Token sequences merged where they begin alike, laid out depth first, so that a shared context is
 * computed once and nothing is padded:
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
 * A token sees itself and its ancestors: node j is seen by i exactly if {@code j ≤ i < ends[j]}.
 *
 * @param ids of the nodes, (nodes,)
 * @param positions of the nodes in their own sequences, (nodes,)
 * @param ends one past each node's last descendant, (nodes,)
 * @param rows nodes whose next token is asked for, ascending, each once, (rows,)
 * @param askedRows index into {@code rows} of every asked prediction, (asked,)
 * @param askedTargets the token whose probability is asked for, (asked,)
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
