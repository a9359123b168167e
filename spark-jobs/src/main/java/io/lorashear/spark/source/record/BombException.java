package io.lorashear.spark.source.record;

import java.io.IOException;

/** Packed data that unpacks to an absurd size. */
public final class BombException extends IOException {
  private static final long serialVersionUID = 1;

  BombException(String message) {
    super(message);
  }
}
