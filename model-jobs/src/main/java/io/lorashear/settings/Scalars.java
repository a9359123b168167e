package io.lorashear.settings;

import io.lorashear.InputException;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Converts the text of a single value to the type of its component, or notes a problem that says
 * what to write instead.
 */
final class Scalars {
  private Scalars() {}

  static boolean knows(Class<?> type) {
    return type == String.class
        || type == Path.class
        || type.isEnum()
        || List.<Class<?>>of(
                int.class,
                Integer.class,
                long.class,
                Long.class,
                double.class,
                Double.class,
                boolean.class,
                Boolean.class)
            .contains(type);
  }

  /** The value, or null if a problem of {@code key} was noted. */
  static @Nullable Object read(Class<?> type, Tree.Text text, String key, Problems problems) {
    var value = text.value();
    if (type == String.class) {
      return value;
    } else if (type == Path.class) {
      return path(text, key, problems);
    } else if (type.isEnum()) {
      return constant(type, text, key, problems);
    } else if (type == boolean.class || type == Boolean.class) {
      if (value.equals("true") || value.equals("false")) {
        return Boolean.valueOf(value);
      }
      problems.add(text.place(), "%s is %s: write true or false", key, value);
      return null;
    } else if (type == double.class || type == Double.class) {
      return real(text, key, problems);
    }
    return whole(type, text, key, problems);
  }

  private static @Nullable Path path(Tree.Text text, String key, Problems problems) {
    if (text.value().isBlank()) {
      problems.add(text.place(), "%s is empty: give a path", key);
      return null;
    }
    try {
      return Storage.pathOf(text.value());
    } catch (InvalidPathException e) {
      problems.add(text.place(), "%s is no path this system can have: %s", key, e.getReason());
    } catch (InputException e) {
      problems.add(text.place(), "%s: %s", key, String.valueOf(e.getMessage()));
    }
    return null;
  }

  private static @Nullable Object constant(
      Class<?> type, Tree.Text text, String key, Problems problems) {
    var constants = (Enum<?>[]) type.getEnumConstants();
    for (var constant : constants) {
      if (Settings.word(constant).equals(text.value())) {
        return constant;
      }
    }
    var words = Arrays.stream(constants).map(Settings::word).toList();
    var meant = Nearest.to(text.value(), words).map(word -> "; did you mean " + word + "?");
    problems.add(
        text.place(),
        "%s is %s: choose one of %s%s",
        key,
        text.value(),
        String.join(", ", words),
        meant.orElse(""));
    return null;
  }

  private static @Nullable Double real(Tree.Text text, String key, Problems problems) {
    var number = number(text.value());
    if (number != null && Double.isFinite(number.doubleValue())) {
      return number.doubleValue();
    }
    problems.add(text.place(), "%s is %s: a number is needed", key, text.value());
    return null;
  }

  private static @Nullable Number whole(
      Class<?> type, Tree.Text text, String key, Problems problems) {
    boolean isInt = type == int.class || type == Integer.class;
    var number = number(text.value());
    if (number == null || number.stripTrailingZeros().scale() > 0) {
      problems.add(text.place(), "%s is %s: a whole number is needed", key, text.value());
      return null;
    }
    try {
      if (isInt) {
        return number.intValueExact();
      }
      return number.longValueExact();
    } catch (ArithmeticException e) {
      problems.add(
          text.place(),
          "%s is %s: the largest whole number here is %d",
          key,
          text.value(),
          isInt ? Integer.MAX_VALUE : Long.MAX_VALUE);
      return null;
    }
  }

  /** Digits may be grouped by underscores; 1e6 is a million. */
  private static @Nullable BigDecimal number(String text) {
    try {
      return new BigDecimal(text.replaceAll("(?<=\\d)_(?=\\d)", ""));
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
