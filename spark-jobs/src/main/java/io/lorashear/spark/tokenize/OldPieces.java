package io.lorashear.spark.tokenize;

import static org.apache.spark.sql.functions.regexp_replace;

import io.lorashear.spark.progress.Tally;
import io.lorashear.tokenizer.Recoding;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * The documents in the rows of a corpus, with new ids. A document that fills its row to the end
 * without a separator goes on at the beginning of a later row of the shard.
 *
 * <pre>
 *   row 7   … d e f | g h      f ends with the separator
 *   row 8   i j | …            g is one document: h i j
 * </pre>
 */
final class OldPieces implements Iterator<Row> {
  private static final Pattern NUMBER = Pattern.compile("~[0-9]+$");
  private static final String SHARD = "shard_of";

  /** The id that ends documents, before and now. */
  record Separator(int old, int now) implements Serializable {}

  /** A document, or what there is of it so far. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares pieces
  private record Piece(String shard, String document, int[] ids, int lossFrom, int number) {
    Piece with(int[] more) {
      var all = IntStream.concat(Arrays.stream(ids), Arrays.stream(more)).toArray();
      return new Piece(shard, document, all, lossFrom, number);
    }
  }

  private final Iterator<Row> rows;
  private final Recoding recoding;
  private final Separator separator;
  private final Tally tally;
  private final Deque<Row> ready = new ArrayDeque<>();
  private @Nullable Piece open;
  private int number;

  private OldPieces(Iterator<Row> rows, Recoding recoding, Separator separator, Tally tally) {
    this.rows = rows;
    this.recoding = recoding;
    this.separator = separator;
    this.tally = tally;
  }

  /**
   * Rows of {@link Tokens}.
   *
   * @param rows of whole shards
   */
  static Dataset<Row> of(
      Dataset<Row> rows, ExecutorRecoding recoding, Separator separator, int shards, Tally tally) {
    var shard = regexp_replace(rows.col("sequence_id"), "/[0-9]+$", "");
    var columns =
        new Column[] {
          rows.col("sequence_id"),
          rows.col("input_ids"),
          rows.col("loss_mask"),
          rows.col("tokens"),
          rows.col("document_ids"),
          rows.col("document_starts"),
          shard.as(SHARD)
        };
    var selected = rows.select(columns);
    MapPartitionsFunction<Row, Row> recode =
        part -> new OldPieces(part, recoding.open(), separator, tally);
    return selected
        .repartition(shards, selected.col(SHARD))
        .sortWithinPartitions("sequence_id")
        .mapPartitions(recode, Tokens.ENCODER);
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && rows.hasNext()) {
      add(rows.next());
    }
    if (ready.isEmpty()) {
      finish();
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

  private void add(Row row) {
    String shard = row.getAs(SHARD);
    if (open != null && !open.shard().equals(shard)) {
      finish();
    }
    var ids = row.<Integer>getList(1).stream().mapToInt(Integer::intValue).toArray();
    var mask = row.<Byte>getList(2);
    int tokens = row.getInt(3);
    var documents = row.<String>getList(4);
    var starts = row.<Integer>getList(5);
    for (int d = 0; d < documents.size(); d++) {
      int from = starts.get(d);
      int to = d + 1 < documents.size() ? starts.get(d + 1) : tokens;
      int first = from;
      while (first < to && mask.get(first) == 0) {
        first++;
      }
      var part = Arrays.copyOfRange(ids, from, to);
      boolean goesOn = to == ids.length && part[part.length - 1] != separator.old();
      add(new Piece(shard, documents.get(d), part, first - from, number++), goesOn);
    }
    tally.record(tokens);
  }

  private void add(Piece piece, boolean goesOn) {
    var whole = piece;
    if (open != null && open.document().equals(piece.document())) {
      whole = open.with(piece.ids());
      open = null;
    }
    if (goesOn) {
      finish();
      open = whole;
    } else {
      ready.add(recoded(whole));
    }
  }

  /** What is open has no end: the rest of it was dropped. */
  private void finish() {
    if (open != null) {
      ready.add(recoded(open));
      open = null;
    }
  }

  private Row recoded(Piece piece) {
    int length = piece.ids().length;
    boolean ends = piece.ids()[length - 1] == separator.old();
    var text = ends ? Arrays.copyOf(piece.ids(), length - 1) : piece.ids();
    boolean example = piece.lossFrom() > 0;
    var now = recoding.of(text, Math.min(piece.lossFrom(), text.length));
    var ids = ends ? Arrays.copyOf(now.ids(), now.ids().length + 1) : now.ids();
    if (ends) {
      ids[ids.length - 1] = separator.now();
    }
    var place = piece.shard().split("/", -1);
    int last = place.length - 1;
    var tokens =
        new Tokens(
            String.join("/", Arrays.copyOf(place, last - 1)),
            place[last - 1],
            Integer.parseInt(place[last]),
            piece.document(),
            ids,
            now.begin(),
            example,
            0,
            now.inexact());
    long order = Hash.of(NUMBER.matcher(piece.document()).replaceFirst(""));
    return tokens.row(order, piece.number());
  }
}
