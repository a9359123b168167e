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
 */
record PieceLoss(
    String source, String sequence, int place, String document, long tokens, double loss) {

  private static final StructType SCHEMA =
      new StructType()
          .add("source", DataTypes.StringType, false)
          .add("sequence_id", DataTypes.StringType, false)
          .add("place", DataTypes.IntegerType, false)
          .add("document", DataTypes.StringType, false)
          .add("tokens", DataTypes.LongType, false)
          .add("loss", DataTypes.DoubleType, false);

  static final Encoder<Row> ENCODER = Encoders.row(SCHEMA);

  /**
   * Shares the losses of one row out among its documents. Filling counts for nothing.
   *
   * @param losses (sequence length − 1,): of the tokens from the second on
   */
  static List<PieceLoss> of(ScoredRow row, double[] losses) {
    List<PieceLoss> pieces = new ArrayList<>();
    for (int place = 0; place < row.documents().size(); place++) {
      boolean last = place + 1 == row.documents().size();
      int end = last ? row.tokens() : row.starts().get(place + 1);
      int from = Math.max(row.starts().get(place), 1);
      double sum = 0;
      for (int token = from; token < end; token++) {
        sum += losses[token - 1];
      }
      int predicted = Math.max(end - from, 0);
      var document = row.documents().get(place);
      pieces.add(new PieceLoss(row.source(), row.id(), place, document, predicted, sum));
    }
    return pieces;
  }

  Row row() {
    return RowFactory.create(source, sequence, place, document, tokens, loss);
  }

  static PieceLoss of(Row row) {
    return new PieceLoss(
        row.getString(0),
        row.getString(1),
        row.getInt(2),
        row.getString(3),
        row.getLong(4),
        row.getDouble(5));
  }
}
