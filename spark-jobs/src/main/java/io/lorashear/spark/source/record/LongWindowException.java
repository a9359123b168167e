package io.lorashear.spark.source.record;

import java.io.IOException;

/** Zstd data whose window exceeds the allowed memory. */
public final class LongWindowException extends IOException {
  private static final long serialVersionUID = 1;

  LongWindowException(long window) {
    super("a window of %s to be unpacked".formatted(size(window)));
  }

  private static String size(long bytes) {
    return bytes % (1 << 30) == 0 ? (bytes >> 30) + " GiB" : (bytes + (1 << 20) - 1 >> 20) + " MiB";
  }
}
