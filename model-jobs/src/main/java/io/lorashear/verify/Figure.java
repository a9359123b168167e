package io.lorashear.verify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.Locale;

/**
 * One of our figures compared with an expected one.
 *
 * @param ours NaN if there is none
 * @param tolerance largest difference that is not an error
 */
public record Figure(String name, double ours, double expected, double tolerance) {

  /** |ours − expected|. */
  public double difference() {
    return Math.abs(ours - expected);
  }

  /** Whether they agree; NaN agrees with nothing. */
  public boolean agrees() {
    return difference() <= tolerance;
  }

  static String heading() {
    return String.format(
        Locale.ROOT,
        "%-56s %14s %14s %12s %10s",
        "figure",
        "ours",
        "expected",
        "difference",
        "tolerance");
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "%-56s %14s %14s %12.1e %10.1e  %s",
        name,
        number(ours),
        number(expected),
        difference(),
        tolerance,
        agrees() ? "ok" : "OFF");
  }

  private static String number(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return String.format(Locale.ROOT, whole ? "%,.0f" : "%.7g", value);
  }

  ObjectNode toJson() {
    return JsonFile.object()
        .put("figure", name)
        .put("ours", ours)
        .put("expected", expected)
        .put("difference", difference())
        .put("tolerance", tolerance)
        .put("ok", agrees());
  }
}
