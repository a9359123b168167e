package io.lorashear.spark.perplexity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Scores rows batch by batch as they come; the rows of a batch stand together and in order. */
final class BatchScoring implements Iterator<Row> {

  private final Iterator<Row> rows;
  private final ExecutorScorer scorer;
  private final boolean tokens;
  private final Deque<Row> ready = new ArrayDeque<>();
  private @Nullable ScoredRow ahead;

  /**
   * @param tokens whether the losses of single tokens are kept
   */
  BatchScoring(Iterator<Row> rows, ExecutorScorer scorer, boolean tokens) {
    this.rows = rows;
    this.scorer = scorer;
    this.tokens = tokens;
    this.ahead = read();
  }

  private @Nullable ScoredRow read() {
    return rows.hasNext() ? ScoredRow.of(rows.next()) : null;
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && ahead != null) {
      score(batchOf(ahead));
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

  private void score(List<ScoredRow> batch) {
    double[][] losses = scorer.tokenLosses(batch.stream().map(ScoredRow::ids).toList());
    for (int i = 0; i < losses.length; i++) {
      PieceLoss.of(batch.get(i), losses[i], tokens).forEach(piece -> ready.add(piece.row()));
    }
  }
}
