package io.lorashear.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * The percentile bootstrap over whole things: documents, questions. Tokens of one document depend
 * on each other, so documents are drawn, never tokens.
 *
 * <pre>
 *   figure    = Σ sums_i / Σ counts_i
 *   resample  : as many things as there are, drawn with replacement; 95 % of its figures
 * </pre>
 *
 * Equal calls give equal intervals, on every machine.
 *
 * @param resamples how often is drawn; 1,000 give two sure digits
 */
public record Bootstrap(int resamples, long seed) {

  /** 1,000 resamples. */
  public static final Bootstrap USUAL = new Bootstrap(1000, 1234);

  /** Interval of the mean of {@code values}, one a thing: (things,). */
  public Interval mean(double[] values) {
    var ones = new double[values.length];
    Arrays.fill(ones, 1);
    return ratio(values, ones);
  }

  /**
   * Interval of Σ sums / Σ counts.
   *
   * @param sums of each thing, (things,)
   * @param counts of each thing, above 0, (things,)
   */
  public Interval ratio(double[] sums, double[] counts) {
    var random = new SplittableRandom(seed);
    return resampled(
        () -> {
          double sum = 0;
          double count = 0;
          for (int draw = 0; draw < sums.length; draw++) {
            int drawn = random.nextInt(sums.length);
            sum += sums[drawn];
            count += counts[drawn];
          }
          return sum / count;
        });
  }

  /** Interval of the mean of the strata's means; things are drawn within their stratum. */
  public Interval meanOfMeans(List<double[]> strata) {
    var random = new SplittableRandom(seed);
    return resampled(
        () -> {
          double means = 0;
          for (double[] values : strata) {
            double sum = 0;
            for (int draw = 0; draw < values.length; draw++) {
              sum += values[random.nextInt(values.length)];
            }
            means += sum / values.length;
          }
          return means / strata.size();
        });
  }

  private Interval resampled(DoubleSupplier figure) {
    var figures = new double[resamples];
    for (int i = 0; i < resamples; i++) {
      figures[i] = figure.getAsDouble();
    }
    return Interval.ofMiddle(figures);
  }
}
