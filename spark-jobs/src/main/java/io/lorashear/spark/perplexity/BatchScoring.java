package io.lorashear.spark.perplexity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Processes rows batch by batch; the rows of a batch are adjacent and in order. */
final class BatchScoring implements Iterator<Row> {

  private final Iterator<Row> rows;
  private final Scoring scoring;
  private final Deque<Row> ready = new ArrayDeque<>();
  private @Nullable ScoredRow ahead;

  /** Scores a batch. */
  interface Scoring {
    List<Row> of(List<ScoredRow> batch);
  }

  BatchScoring(Iterator<Row> rows, Scoring scoring) {
    this.rows = rows;
    this.scoring = scoring;
    this.ahead = read();
  }

  private @Nullable ScoredRow read() {
    return rows.hasNext() ? ScoredRow.of(rows.next()) : null;
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && ahead != null) {
      ready.addAll(scoring.of(batchOf(ahead)));
    }
    return !ready.isEmpty();
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.removeFirst();
  }

  private List<ScoredRow> batchOf(ScoredRow first) {
    List<ScoredRow> batch = new ArrayList<>();
    @Nullable ScoredRow row = first;
    while (row != null && row.batch() == first.batch()) {
      batch.add(row);
      row = read();
    }
    ahead = row;
    return batch;
  }
}
