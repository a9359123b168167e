package io.lorashear;

import com.google.errorprone.annotations.FormatMethod;
import org.jspecify.annotations.Nullable;

/**
 * Something the user gave cannot be used: a file, a setting, a ratio. The message is complete: what
 * is wrong, the value, where (file, line, record) and what to do. Commands print it alone, without
 * a stack trace, and exit with code 2.
 */
public class InputException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A message in the format of {@link String#format}. */
  @FormatMethod
  public InputException(String format, @Nullable Object... values) {
    super(values.length == 0 ? format : String.format(format, values));
  }

  /** The same with a cause, which {@code --debug} shows. */
  @FormatMethod
  public InputException(Throwable cause, String format, @Nullable Object... values) {
    super(values.length == 0 ? format : String.format(format, values), cause);
  }
}
