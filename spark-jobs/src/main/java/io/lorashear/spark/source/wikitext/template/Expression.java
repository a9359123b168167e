package io.lorashear.spark.source.wikitext.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Plain arithmetic: numbers, {@code + - * / round}, brackets and comparisons. */
final class Expression {
  private static final int LONGEST = 200;

  private final String text;
  private int at;

  private static final class NotPlain extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotPlain() {
      super("an expression of other things than numbers", null, false, false);
    }
  }

  private Expression(String text) {
    this.text = text;
  }

  /**
   * The value of {@code expression} as MediaWiki writes it; empty if it is not plain arithmetic.
   */
  static String value(String expression) {
    if (expression.isBlank() || expression.length() > LONGEST) {
      return "";
    }
    try {
      var reading = new Expression(expression.replace('−', '-'));
      var value = reading.comparison();
      return reading.peek() == 0 ? written(value) : "";
    } catch (NotPlain | ArithmeticException e) {
      return "";
    }
  }

  private static String written(BigDecimal value) {
    var rounded = value.round(new MathContext(14)).stripTrailingZeros();
    return rounded.scale() > 30 || rounded.precision() - rounded.scale() > 30
        ? ""
        : rounded.toPlainString();
  }

  private char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private boolean take(String sign) {
    peek();
    var found = text.startsWith(sign, at);
    at += found ? sign.length() : 0;
    return found;
  }

  private BigDecimal comparison() {
    var left = rounded();
    if (take("<=")) {
      return truth(left.compareTo(rounded()) <= 0);
    } else if (take(">=")) {
      return truth(left.compareTo(rounded()) >= 0);
    } else if (take("!=") || take("<>")) {
      return truth(left.compareTo(rounded()) != 0);
    } else if (take("<")) {
      return truth(left.compareTo(rounded()) < 0);
    } else if (take(">")) {
      return truth(left.compareTo(rounded()) > 0);
    }
    return take("=") ? truth(left.compareTo(rounded()) == 0) : left;
  }

  private static BigDecimal truth(boolean holds) {
    return holds ? BigDecimal.ONE : BigDecimal.ZERO;
  }

  private BigDecimal rounded() {
    var value = sum();
    while (take("round")) {
      var digits = sum().intValue();
      if (Math.abs(digits) > 30) {
        throw new NotPlain();
      }
      value = value.setScale(digits, RoundingMode.HALF_UP);
    }
    return value;
  }

  private BigDecimal sum() {
    var value = product();
    while (true) {
      if (take("+")) {
        value = value.add(product());
      } else if (take("-")) {
        value = value.subtract(product());
      } else {
        return value;
      }
    }
  }

  private BigDecimal product() {
    var value = factor();
    while (true) {
      if (take("*")) {
        value = value.multiply(factor(), MathContext.DECIMAL64);
      } else if (take("/")) {
        value = value.divide(factor(), MathContext.DECIMAL64);
      } else {
        return value;
      }
    }
  }

  private BigDecimal factor() {
    if (take("-")) {
      return factor().negate();
    } else if (take("+")) {
      return factor();
    } else if (take("(")) {
      var value = comparison();
      if (!take(")")) {
        throw new NotPlain();
      }
      return value;
    }
    return number();
  }

  private BigDecimal number() {
    peek();
    var end = at;
    while (end < text.length() && "0123456789.".indexOf(text.charAt(end)) >= 0) {
      end++;
    }
    try {
      var number = new BigDecimal(text.substring(at, end));
      at = end;
      return number;
    } catch (NumberFormatException e) {
      throw new NotPlain();
    }
  }
}
