package io.lorashear.spark.tokenize;

import io.lorashear.spark.progress.Tally;
import io.lorashear.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Optional;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Ids of one passage and their place in the packing.
 *
 * @param ids (tokens,), the separator last; empty if the whole passage is excluded
 * @param lossFrom index of the first id to predict: 0, or the beginning of an instruction's
 *     response
 * @param example whether it is an instruction, which must not be cut
 * @param excluded number of tokens of the excluded text
 * @param inexact number of removed tokens that were split without knowing their text
 */
@SuppressWarnings("ArrayRecordComponent") // only passed from one step to the next
record Tokens(
    String source,
    String split,
    int shard,
    String document,
    int[] ids,
    int lossFrom,
    boolean example,
    int excluded,
    int inexact) {

  private static final StructType SCHEMA =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("split", DataTypes.StringType, false)
          .add("shard", DataTypes.IntegerType, false)
          .add("order", DataTypes.LongType, false)
          .add("number", DataTypes.IntegerType, false)
          .add("document", DataTypes.StringType, false)
          .add("ids", DataTypes.BinaryType, false)
          .add("loss_from", DataTypes.IntegerType, false)
          .add("example", DataTypes.BooleanType, false)
          .add("excluded", DataTypes.IntegerType, false)
          .add("inexact", DataTypes.IntegerType, false);

  static final Encoder<Row> ENCODER = Encoders.row(SCHEMA);

  /**
   * The tokens of all passages, as rows; the tokenizer computes them unless they are {@code given}.
   */
  static Dataset<Row> of(
      Dataset<Row> passages,
      ExecutorTokenizer tokenizer,
      Optional<GivenIds> given,
      int separator,
      ShardPlan plan,
      Tally tally) {
    var engine = given.orElse(null); // an Optional cannot be serialised
    MapPartitionsFunction<Row, Row> encode =
        rows -> {
          var open = tokenizer.open();
          return new Iterator<Row>() {
            @Override
            public boolean hasNext() {
              return rows.hasNext();
            }

            @Override
            public Row next() {
              var row = rows.next();
              var passage = Passage.of(row);
              tally.record(passage.characters());
              var text = passage.text() + passage.response();
              int[] ids = engine == null ? open.encode(text) : engine.of(passage, row);
              return row(passage, text, ids, open, separator, plan);
            }
          };
        };
    return given.map(ids -> ids.with(passages)).orElse(passages).mapPartitions(encode, ENCODER);
  }

  private static Row row(
      Passage passage, String text, int[] ids, Tokenizer tokenizer, int separator, ShardPlan plan) {
    boolean example = !passage.response().isEmpty();
    boolean nothing = passage.text().isEmpty() && !passage.excluded().isEmpty();
    int lossFrom = example ? tokenizer.tokensOf(passage.text(), text, ids) : 0;
    return RowFactory.create(
        passage.source(),
        plan.split(passage),
        plan.shard(passage),
        passage.order(),
        passage.number(),
        passage.document(),
        nothing ? new byte[0] : packed(ids, separator),
        lossFrom,
        example,
        passage.excluded().isEmpty() ? 0 : tokenizer.encode(passage.excluded()).length,
        0);
  }

  /** A row of this schema. */
  Row row(long order, int number) {
    return RowFactory.create(
        source,
        split,
        shard,
        order,
        number,
        document,
        bytes(ids),
        lossFrom,
        example,
        excluded,
        inexact);
  }

  private static byte[] bytes(int[] ids) {
    var bytes = ByteBuffer.allocate(4 * ids.length);
    bytes.asIntBuffer().put(ids);
    return bytes.array();
  }

  /**
   * The ids as bytes, because Spark boxes every element of an array, and these are read only once
   * more.
   */
  private static byte[] packed(int[] ids, int separator) {
    var bytes = ByteBuffer.allocate(4 * (ids.length + 1));
    bytes.asIntBuffer().put(ids).put(separator);
    return bytes.array();
  }

  static Tokens of(Row row) {
    var bytes = ByteBuffer.wrap(row.<byte[]>getAs("ids")).asIntBuffer();
    var ids = new int[bytes.remaining()];
    bytes.get(ids);
    return new Tokens(
        row.getString(0),
        row.getString(1),
        row.getInt(2),
        row.getString(5),
        ids,
        row.getInt(7),
        row.getBoolean(8),
        row.getInt(9),
        row.getInt(10));
  }
}
