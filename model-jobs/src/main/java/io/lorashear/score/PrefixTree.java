package io.lorashear.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A growing pack; sequences come in sorted order, so only the last can share a prefix. */
final class PrefixTree {
  private static final int GROWTH = 2;

  /** Asks for the probability of {@code target} after {@code node}. */
  private record Asked(int node, int target, int request) {}

  private final List<Asked> asked = new ArrayList<>();
  private int[] ids = new int[64];
  private int[] positions = new int[64];
  private int[] ends = new int[64];
  private int size;
  private int[] last = {}; // nodes of the last sequence, root first

  boolean isEmpty() {
    return asked.isEmpty();
  }

  /** Number of nodes after adding the first {@code inputs} of {@code tokens}. */
  int sizeWith(int[] tokens, int inputs) {
    return size + inputs - shared(tokens, inputs);
  }

  /** Adds a sequence; its tokens from index {@code scored} on are scored. */
  void add(int request, int[] tokens, int scored) {
    int inputs = tokens.length - 1;
    int shared = shared(tokens, inputs);
    close(shared);
    last = Arrays.copyOf(Arrays.copyOf(last, shared), inputs);
    for (int depth = shared; depth < inputs; depth++) {
      last[depth] = append(tokens[depth], depth);
    }
    for (int token = scored; token < tokens.length; token++) {
      asked.add(new Asked(last[token - 1], tokens[token], request));
    }
  }

  private int shared(int[] tokens, int inputs) {
    int most = Math.min(inputs, last.length);
    int shared = 0;
    while (shared < most && ids[last[shared]] == tokens[shared]) {
      shared++;
    }
    return shared;
  }

  /** Ends the subtrees of the last sequence's nodes from {@code depth} on. */
  private void close(int depth) {
    for (int d = depth; d < last.length; d++) {
      ends[last[d]] = size;
    }
  }

  private int append(int id, int position) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, GROWTH * size);
      positions = Arrays.copyOf(positions, GROWTH * size);
      ends = Arrays.copyOf(ends, GROWTH * size);
    }
    ids[size] = id;
    positions[size] = position;
    return size++;
  }

  PrefixPack pack() {
    close(0);
    var rowOf = new TreeMap<Integer, Integer>();
    asked.forEach(a -> rowOf.put(a.node(), 0));
    int[] rows = rowOf.keySet().stream().mapToInt(node -> node).toArray();
    IntStream.range(0, rows.length).forEach(row -> rowOf.put(rows[row], row));
    return new PrefixPack(
        Arrays.copyOf(ids, size),
        Arrays.copyOf(positions, size),
        Arrays.copyOf(ends, size),
        rows,
        asked.stream().mapToInt(a -> rowOf.getOrDefault(a.node(), -1)).toArray(),
        asked.stream().mapToInt(Asked::target).toArray(),
        asked.stream().mapToInt(Asked::request).toArray());
  }
}
