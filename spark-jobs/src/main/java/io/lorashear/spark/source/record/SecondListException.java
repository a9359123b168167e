package io.lorashear.spark.source.record;

import java.io.IOException;

/** A JSON object with two lists of objects, either of which may be the records. */
public final class SecondListException extends IOException {
  private static final long serialVersionUID = 1;

  SecondListException(String first, String second) {
    super("\"%s\" and \"%s\"".formatted(first, second));
  }
}
