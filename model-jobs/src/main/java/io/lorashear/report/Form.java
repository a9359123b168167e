package io.lorashear.report;

import java.util.Locale;

/**
 * Formats of numbers. The page keeps the exact number next to its text, so that charts draw
 * unrounded numbers.
 */
enum Form {
  /** A count: 1,024. */
  COUNT("%,.0f", ""),
  /** Nats per token. */
  LOSS("%.4f", ""),
  /** A difference in nats per token. */
  DEVIATION("%+.4f", ""),
  /** exp of a loss in nats per token. */
  PERPLEXITY("%.2f", "") {
    @Override
    double shown(double value) {
      return Math.exp(value);
    }
  },
  /** A perplexity as given in the file. */
  PLAIN("%.2f", ""),
  /** A share, between 0 and 1. */
  PERCENT("%.1f", " %") {
    @Override
    double shown(double value) {
      return 100 * value;
    }
  },
  /** A share between 0 and 1, in whole per cent. */
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

  /** The unrounded number that is shown for {@code value}. */
  double shown(double value) {
    return value;
  }

  /** The digits, without the unit. */
  String digits(double value) {
    return String.format(Locale.ROOT, format, shown(value));
  }

  /** The unit after the digits. */
  String unit() {
    return unit;
  }

  /** Name of the format in the page's markup. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
