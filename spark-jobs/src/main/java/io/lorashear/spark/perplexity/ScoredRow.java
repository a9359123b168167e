package io.lorashear.spark.perplexity;

import io.lorashear.corpus.Sequence;
import java.util.List;
import org.apache.spark.sql.Row;

/** A row of a corpus for the scorer, with its batch. */
@SuppressWarnings("ArrayRecordComponent") // used only while its batch is processed
record ScoredRow(
    long batch,
    String source,
    String id,
    int[] ids,
    int tokens,
    List<String> documents,
    List<Integer> starts,
    List<Byte> lossMask) {

  /** Columns in the order of {@link #of}. */
  static final String[] COLUMNS = {
    "batch",
    "source",
    "sequence_id",
    "input_ids",
    "tokens",
    "document_ids",
    "document_starts",
    "loss_mask"
  };

  /** (ids,) index in the row at which the document of each token begins. */
  int[] begins() {
    return Sequence.starts(starts, ids.length);
  }

  static ScoredRow of(Row row) {
    return new ScoredRow(
        row.getLong(0),
        row.getString(1),
        row.getString(2),
        row.<Integer>getList(3).stream().mapToInt(Integer::intValue).toArray(),
        row.getInt(4),
        List.copyOf(row.<String>getList(5)),
        List.copyOf(row.<Integer>getList(6)),
        List.copyOf(row.<Byte>getList(7)));
  }
}
