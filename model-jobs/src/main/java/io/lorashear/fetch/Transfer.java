package io.lorashear.fetch;

import io.lorashear.InputException;
import io.lorashear.run.DiskSpace;
import io.lorashear.run.Sha256;
import io.lorashear.stop.StopRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * The way of one file to this machine. The store repeats failed reads by itself; a file that
 * arrives with other bytes than its manifest says is fetched again.
 *
 * @param wanted asked between pieces; the transfer ends if it is false
 */
record Transfer(StoredFile from, BooleanSupplier wanted) {
  private static final int ATTEMPTS = 3;
  private static final int PIECE = 1 << 20;

  /** Bytes from which on the user is told, because the transfer takes a while. */
  private static final long LONG = 500_000_000;

  /**
   * Writes the file to {@code part}.
   *
   * @throws InputException if it cannot be read, or never arrives with its hash
   * @throws CancellationException if it is no longer wanted
   */
  void to(Path part) {
    if (from.size() >= LONG) {
      System.err.printf("fetching %s (%s)%n", from.file(), DiskSpace.text(from.size()));
    }
    var arrived = "";
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      arrived = hashOf(part);
      if (isWhole(part) && from.sha256().map(arrived::equals).orElse(true)) {
        return;
      }
    }
    throw new InputException(
        "%s was changed after it was published, or is damaged on its way: %d times it came with %d"
            + " bytes and the SHA-256 %s, and it should have %d bytes and %s; run the stage that"
            + " writes it again",
        from.file(), ATTEMPTS, size(part), arrived, from.size(), from.sha256().orElse("any"));
  }

  private boolean isWhole(Path part) {
    return size(part) == from.size();
  }

  private static long size(Path part) {
    try {
      return Files.size(part);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String hashOf(Path part) {
    var digest = Sha256.digest();
    var piece = new byte[PIECE];
    try (var in = Files.newInputStream(from.file());
        var out = Files.newOutputStream(part)) {
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        StopRequest.check();
        if (!wanted.getAsBoolean()) {
          throw new CancellationException(from.file() + " is no longer wanted");
        }
        digest.update(piece, 0, read);
        out.write(piece, 0, read);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(from.file() + " could not be copied to " + part, e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
