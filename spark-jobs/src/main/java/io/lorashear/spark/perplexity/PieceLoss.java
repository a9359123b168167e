package io.lorashear.spark.perplexity;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What a model loses on the part of one document that stands in one row.
 *
 * @param place of the part in its row, from 0
 * @param tokens predicted tokens; the first one of a row is not predicted
 * @param loss sum of their negative log-likelihoods
 * @param ids the predicted tokens, where they are kept
 * @param losses of each of them
 */
record PieceLoss(
    String source,
    String sequence,
    int place,
    String document,
    long tokens,
    double loss,
    List<Integer> ids,
    List<Float> losses) {

  private static final StructType SCHEMA =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("sequence_id", DataTypes.StringType, false)
          .add("place", DataTypes.IntegerType, false)
          .add("document", DataTypes.StringType, false)
          .add("tokens", DataTypes.LongType, false)
          .add("loss", DataTypes.DoubleType, false)
          .add("ids", DataTypes.createArrayType(DataTypes.IntegerType, false), false)
          .add("losses", DataTypes.createArrayType(DataTypes.FloatType, false), false);

  static final Encoder<Row> ENCODER = Encoders.row(SCHEMA);

  /**
   * Shares the losses of one row out among its documents. Filling counts for nothing.
   *
   * @param losses (sequence length − 1,): of the tokens from the second on
   * @param apart whether documents do not see each other, so that their first tokens are not
   *     predicted
   * @param keep whether each token's is kept
   */
  static List<PieceLoss> of(ScoredRow row, double[] losses, boolean apart, boolean keep) {
    List<PieceLoss> pieces = new ArrayList<>();
    for (int place = 0; place < row.documents().size(); place++) {
      boolean last = place + 1 == row.documents().size();
      int end = last ? row.tokens() : row.starts().get(place + 1);
      int from = Math.max(row.starts().get(place) + (apart ? 1 : 0), 1);
      double sum = 0;
      List<Integer> ids = new ArrayList<>();
      List<Float> each = new ArrayList<>();
      for (int token = from; token < end; token++) {
        sum += losses[token - 1];
        if (keep) {
          ids.add(row.ids()[token]);
          each.add((float) losses[token - 1]);
        }
      }
      int predicted = Math.max(end - from, 0);
      var document = row.documents().get(place);
      pieces.add(new PieceLoss(row.source(), row.id(), place, document, predicted, sum, ids, each));
    }
    return pieces;
  }

  Row row() {
    return RowFactory.create(
        source, sequence, place, document, tokens, loss, ids.toArray(), losses.toArray());
  }

  /** Without its tokens. */
  static PieceLoss of(Row row) {
    return new PieceLoss(
        row.getString(0),
        row.getString(1),
        row.getInt(2),
        row.getString(3),
        row.getLong(4),
        row.getDouble(5),
        List.of(),
        List.of());
  }
}
