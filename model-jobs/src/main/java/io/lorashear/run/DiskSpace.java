package io.lorashear.run;

import io.lorashear.InputException;
import io.lorashear.settings.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/** Space on the disk of a folder, which need not exist yet. Sizes are in bytes. */
public final class DiskSpace {
  private DiskSpace() {}

  public static long free(Path folder) {
    if (!Storage.isLocal(folder)) {
      return Long.MAX_VALUE; // an object store does not report free space
    }
    try {
      var existing = folder.toAbsolutePath().normalize();
      while (!Files.exists(existing)) {
        existing = Objects.requireNonNull(existing.getParent()); // the root exists
      }
      return Files.getFileStore(existing).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @throws InputException if less than {@code bytes} are free
   */
  public static void require(Path folder, long bytes, String what) {
    if (free(folder) < bytes) {
      throw new InputException(
          "%s needs about %s in %s, but %s are free: make room or choose another folder",
          what, text(bytes), folder, text(free(folder)));
    }
  }

  /** Text for people: {@code 1.5 GB}. Units are powers of a thousand. */
  public static String text(long bytes) {
    if (bytes < 1000) {
      return bytes + " bytes";
    }
    double amount = bytes;
    int unit = -1;
    while (amount >= 999.95 && unit < 4) {
      amount /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %cB", amount, "kMGTP".charAt(unit));
  }
}
