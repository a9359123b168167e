package io.lorashear.fetch;

import io.lorashear.InputException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** How many bytes all copies together may take: {@code LORASHEAR_STORE_CACHE}. */
final class CopyLimit {
  static final String VARIABLE = "LORASHEAR_STORE_CACHE";

  /** Bytes if the variable is not set: a model of 7 billion parameters in two bytes, and shards. */
  static final long USUAL = 32_000_000_000L;

  private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,5})([kKmMgGtT])");
  private static final Map<String, Long> UNITS =
      Map.of("k", 1_000L, "m", 1_000_000L, "g", 1_000_000_000L, "t", 1_000_000_000_000L);

  private CopyLimit() {}

  static long ofUser() {
    return of(Optional.ofNullable(System.getenv(VARIABLE)).orElse(""));
  }

  /**
   * The bytes that {@code text} means; units are powers of a thousand.
   *
   * @throws InputException if it is no number with a unit
   */
  static long of(String text) {
    if (text.isBlank()) {
      return USUAL;
    }
    var matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new InputException(
          "%s is '%s': give a whole number with its unit, for example 32g or 500m", VARIABLE, text);
    }
    var unit = matcher.group(2).toLowerCase(Locale.ROOT);
    return Long.parseLong(matcher.group(1)) * UNITS.getOrDefault(unit, 1L);
  }
}
