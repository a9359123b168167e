package io.lorashear.spark.perplexity;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Loss on the part of one document in one row.
 *
 * @param place position of the part in its row, from 0
 * @param tokens predicted tokens; the first one of a row is not predicted
 * @param loss sum of their negative log-likelihoods
 * @param everySecond number of predicted tokens at even positions of the row
 * @param secondLoss their summed loss
 * @param ids the predicted tokens, if they are kept
 * @param losses loss of each of them
 */
record PieceLoss(
    String source,
    String sequence,
    int place,
    String document,
    long tokens,
    double loss,
    long everySecond,
    double secondLoss,
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
          .add("every_second", DataTypes.LongType, false)
          .add("second_loss", DataTypes.DoubleType, false)
          .add("ids", DataTypes.createArrayType(DataTypes.IntegerType, false), false)
          .add("losses", DataTypes.createArrayType(DataTypes.FloatType, false), false);

  static final Encoder<Row> ENCODER = Encoders.row(SCHEMA);

  /**
   * Divides the losses of one row among its documents. Padding does not count.
   *
   * @param losses (sequence length − 1,): losses of the tokens from the second on
   * @param counted which tokens are predicted
   * @param keep whether the loss of each token is kept
   */
  static List<PieceLoss> of(ScoredRow row, double[] losses, Counted counted, boolean keep) {
    List<PieceLoss> pieces = new ArrayList<>();
    for (int place = 0; place < row.documents().size(); place++) {
      boolean last = place + 1 == row.documents().size();
      int end = last ? row.tokens() : row.starts().get(place + 1);
      int from = Math.max(row.starts().get(place) + (counted.apart() ? 1 : 0), 1);
      long predicted = 0;
      double sum = 0;
      long everySecond = 0;
      double secondLoss = 0;
      List<Integer> ids = new ArrayList<>();
      List<Float> each = new ArrayList<>();
      for (int token = from; token < end; token++) {
        if (counted.responses() && row.lossMask().get(token) == 0) {
          continue;
        }
        predicted++;
        sum += losses[token - 1];
        if (token % 2 == 0) {
          everySecond++;
          secondLoss += losses[token - 1];
        }
        if (keep) {
          ids.add(row.ids()[token]);
          each.add((float) losses[token - 1]);
        }
      }
      var document = row.documents().get(place);
      pieces.add(
          new PieceLoss(
              row.source(),
              row.id(),
              place,
              document,
              predicted,
              sum,
              everySecond,
              secondLoss,
              ids,
              each));
    }
    return pieces;
  }

  /**
   * Which tokens are predicted.
   *
   * @param apart whether documents are isolated, so that their first tokens are not predicted
   * @param responses whether only the responses of instructions are predicted
   */
  record Counted(boolean apart, boolean responses) implements Serializable {
    static Counted of(PerplexitySettings settings) {
      return new Counted(settings.isolateDocuments(), settings.responses());
    }
  }

  Row row() {
    return RowFactory.create(
        source,
        sequence,
        place,
        document,
        tokens,
        loss,
        everySecond,
        secondLoss,
        ids.toArray(),
        losses.toArray());
  }

  /** Reads a row, without its tokens. */
  static PieceLoss of(Row row) {
    return new PieceLoss(
        row.getString(0),
        row.getString(1),
        row.getInt(2),
        row.getString(3),
        row.getLong(4),
        row.getDouble(5),
        row.getLong(6),
        row.getDouble(7),
        List.of(),
        List.of());
  }
}
