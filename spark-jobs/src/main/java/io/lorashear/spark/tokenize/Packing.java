package io.lorashear.spark.tokenize;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Packs the pieces of one shard, in their order, into rows of one length. Every token that is
 * dropped is counted.
 *
 * <p>Running text is concatenated and cut every {@code length} ids. An instruction stays whole: it
 * is put into the first of a few open rows that has room for it.
 */
final class Packing {

  /** Number of rows open at once; with so many, rows have little padding. */
  private static final int OPEN_ROWS = 16;

  /** Receives counts of tokens that are not published. */
  interface Drops {
    void drop(String reason, long tokens);
  }

  static final String TAIL = "tail";
  static final String EXAMPLE_TOO_LONG = "example-too-long";

  private final PackingRules rules;
  private final Drops drops;
  private final Deque<PackedRow> examples = new ArrayDeque<>();
  private PackedRow text;

  Packing(PackingRules rules, Drops drops) {
    this.rules = rules;
    this.drops = drops;
    this.text = row();
  }

  /** Rows that became full. */
  List<PackedRow> add(Tokens piece) {
    return piece.example() ? example(piece) : text(piece);
  }

  private List<PackedRow> text(Tokens piece) {
    List<PackedRow> full = new ArrayList<>();
    for (int from = 0; from < piece.ids().length; ) {
      from += text.take(piece, from);
      if (text.room() == 0) {
        full.add(text);
        text = row();
      }
    }
    return full;
  }

  private List<PackedRow> example(Tokens piece) {
    int needed = piece.ids().length;
    if (needed > rules.length()) {
      drops.drop(EXAMPLE_TOO_LONG, needed);
      return List.of();
    }
    var fitting = examples.stream().filter(row -> row.room() >= needed).findFirst();
    fitting.orElseGet(this::open).take(piece, 0);
    return examples.size() > openRows() ? List.of(examples.removeFirst()) : List.of();
  }

  private PackedRow open() {
    var row = row();
    examples.addLast(row);
    return row;
  }

  /** The open rows; nothing may be added afterwards. */
  List<PackedRow> finish() {
    List<PackedRow> rest = new ArrayList<>(examples);
    examples.clear();
    tail().ifPresent(rest::add);
    return rest;
  }

  private Optional<PackedRow> tail() {
    if (text.tokens == 0) {
      return Optional.empty();
    }
    if (rules.tail() == TokenizeSettings.Tail.PAD) {
      return Optional.of(text);
    }
    drops.drop(TAIL, text.tokens);
    return Optional.empty();
  }

  private int openRows() {
    return rules.examples() == TokenizeSettings.Examples.PACKED ? OPEN_ROWS : 0;
  }

  private PackedRow row() {
    return new PackedRow(rules.length(), rules.separator());
  }
}
