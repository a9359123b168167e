package io.lorashear.spark.tokenize;

import io.lorashear.corpus.Sequence;
import io.lorashear.spark.progress.Tally;
import io.lorashear.spark.shard.ShardFolder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Packs the pieces of every shard, which are adjacent and in order, into numbered rows. */
final class ShardPacker implements Iterator<Row> {

  static final String DOCUMENTS = "documents";
  static final String TOKENS = "tokens";
  static final String INEXACT = "inexact";
  static final String DROPPED = "dropped:";

  /** Reason of training tokens that are dropped because validation has the same text. */
  static final String SHARED = "shared-with-validation";

  /** Reason of validation tokens that are dropped because they were trained on already. */
  static final String TRAINED = "shared-with-training";

  private static final StructType SEQUENCE =
      new StructType()
          .add("sequence_id", DataTypes.StringType, false)
          .add("input_ids", DataTypes.createArrayType(DataTypes.IntegerType, false), false)
          .add("loss_mask", DataTypes.createArrayType(DataTypes.ByteType, false), false)
          .add("tokens", DataTypes.IntegerType, false)
          .add("document_ids", DataTypes.createArrayType(DataTypes.StringType, false), false)
          .add("document_starts", DataTypes.createArrayType(DataTypes.IntegerType, false), false);

  /** The schema that a {@link ShardFolder} expects. */
  private static final StructType SCHEMA =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("split", DataTypes.StringType, false)
          .add(ShardFolder.FILE, DataTypes.IntegerType, false)
          .add(ShardFolder.ROW, SEQUENCE, true)
          .add(ShardFolder.NOTE, DataTypes.StringType, true);

  private static final Encoder<Row> ENCODER = Encoders.row(SCHEMA);

  private record Shard(String source, String split, int number) {}

  private final Iterator<Row> pieces;
  private final PackingRules rules;
  private final Tally tally;
  private final Deque<Row> ready = new ArrayDeque<>();
  private TokenCounts counts = new TokenCounts();
  private @Nullable Shard shard;
  private Packing packing;
  private long number;

  private ShardPacker(Iterator<Row> pieces, PackingRules rules, Tally tally) {
    this.pieces = pieces;
    this.rules = rules;
    this.tally = tally;
    this.packing = new Packing(rules, (reason, tokens) -> {});
  }

  /**
   * Rows in the order of their ids, shard after shard; the last row of each shard has its counts.
   * The pieces must be in order.
   */
  static Dataset<Row> of(Dataset<Row> pieces, PackingRules rules, Tally tally) {
    MapPartitionsFunction<Row, Row> pack = rows -> new ShardPacker(rows, rules, tally);
    return pieces.mapPartitions(pack, ENCODER);
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && pieces.hasNext()) {
      add(Tokens.of(pieces.next()));
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

  private void add(Tokens piece) {
    var next = new Shard(piece.source(), piece.split(), piece.shard());
    if (!next.equals(shard)) {
      finish();
      begin(next);
    }
    counts.add(next.source(), DOCUMENTS, 1);
    counts.add(next.source(), TOKENS, piece.ids().length + piece.excluded());
    counts.add(next.source(), INEXACT, piece.inexact());
    if (piece.excluded() > 0) {
      drop(next, next.split().equals(Sequence.VALIDATION) ? TRAINED : SHARED, piece.excluded());
    }
    if (piece.ids().length > 0) {
      emit(next, packing.add(piece));
    }
  }

  private void begin(Shard next) {
    shard = next;
    number = 0;
    counts = new TokenCounts();
    packing = new Packing(rules, (reason, tokens) -> drop(next, reason, tokens));
  }

  private void drop(Shard of, String reason, long tokens) {
    counts.add(of.source(), DROPPED + reason, tokens);
    tally.dropped(reason, tokens);
  }

  private void finish() {
    if (shard != null) {
      emit(shard, packing.finish());
      ready.add(placed(shard, null, counts.note()));
      shard = null;
    }
  }

  private void emit(Shard of, List<PackedRow> rows) {
    for (PackedRow row : rows) {
      var sequence =
          RowFactory.create(
              "%s/%s/%05d/%07d".formatted(of.source(), of.split(), of.number(), number++),
              row.ids,
              row.lossMask,
              row.tokens,
              row.documents.toArray(String[]::new),
              row.starts.toArray(Integer[]::new));
      ready.add(placed(of, sequence, null));
    }
  }

  private static Row placed(Shard of, @Nullable Row sequence, @Nullable String note) {
    return RowFactory.create(of.source(), of.split(), of.number(), sequence, note);
  }
}
