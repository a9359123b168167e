package io.lorashear.report;

import java.util.Locale;

/**
 * How a number of a file is shown. The page keeps the number itself beside its text, so that a
 * chart draws what the file says and not what was rounded.
 */
enum Form {
  /** Whole things: 1,024. */
  COUNT("%,.0f", ""),
  /** Nats a token. */
  LOSS("%.4f", ""),
  /** Nats a token more than before. */
  DEVIATION("%+.4f", ""),
  /** exp of a loss in nats a token. */
  PERPLEXITY("%.2f", "") {
    @Override
    double shown(double value) {
      return Math.exp(value);
    }
  },
  /** A perplexity that the file has as such. */
  PLAIN("%.2f", ""),
  /** A share of 1. */
  PERCENT("%.1f", " %") {
    @Override
    double shown(double value) {
      return 100 * value;
    }
  },
  /** A share of 1, its half per cents of no interest. */
  ROUND_PERCENT("%.0f", " %") {
    @Override
    double shown(double value) {
      return 100 * value;
    }
  },
  /** A share of a round's tokens, between 0 and 1. */
  WEIGHT("%.3f", ""),
  SECONDS("%,.1f", " s"),
  /** Bytes, as MB. */
  MEGABYTES("%,.1f", " MB") {
    @Override
    double shown(double value) {
      return value / MEGA;
    }
  };

  private static final double MEGA = 1e6;

  private final String format;
  private final String unit;

  Form(String format, String unit) {
    this.format = format;
    this.unit = unit;
  }

  /** The number that is shown for {@code value}, not rounded. */
  double shown(double value) {
    return value;
  }

  /** For people, without the unit. */
  String digits(double value) {
    return String.format(Locale.ROOT, format, shown(value));
  }

  /** What stands behind the digits. */
  String unit() {
    return unit;
  }

  /** The name of the class of its numbers in the page. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
