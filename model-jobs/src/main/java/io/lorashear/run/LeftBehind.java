package io.lorashear.run;

import io.lorashear.InputException;
import io.lorashear.stop.StopRequest;
import io.lorashear.stop.StoppedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Describes the files that a failed stage has left next to its target.
 *
 * @param target absolute path of the target, which the run has not changed
 * @param needed largest number of bytes that it was expected to write
 */
record LeftBehind(String stage, Path target, LongSupplier needed) {
  private static final List<String> NO_ROOM =
      List.of("No space left on device", "Disk quota exceeded", "not enough space on the disk");

  /** Free space in bytes, up to which a disk counts as full. */
  private static final long NOTHING = 16 << 20;

  /** Throws how to go on if a signal asked to stop; otherwise does nothing. */
  void refuseStopped(Throwable failure) {
    StopRequest.asked()
        .ifPresent(
            signal -> {
              var how = "%s has not written %s. %s".formatted(stage, target, text());
              throw new StoppedException(signal, how, failure);
            });
  }

  /**
   * Throws a message with the remedy if the failure came from a full disk; otherwise does nothing.
   */
  void refuseFullDisk(Throwable failure) {
    if (!isFullDisk(failure)) {
      return;
    }
    var temporary = Path.of(System.getProperty("java.io.tmpdir"));
    boolean other = DiskSpace.free(target) > NOTHING && DiskSpace.free(temporary) <= NOTHING;
    throw new InputException(
        failure,
        "the disk got full while %s wrote: it needs up to about %s in %s, where %s are free, and"
            + " room for temporary files in %s, where %s are free; make room%s. %s",
        stage,
        DiskSpace.text(needed.getAsLong()),
        target,
        DiskSpace.text(DiskSpace.free(target)),
        temporary,
        DiskSpace.text(DiskSpace.free(temporary)),
        other ? ", or name another by TMPDIR" : " or choose another output folder",
        text());
  }

  private static boolean isFullDisk(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      var message = String.valueOf(cause.getMessage());
      if (NO_ROOM.stream().anyMatch(message::contains)) {
        return true;
      }
      for (var suppressed : cause.getSuppressed()) {
        if (isFullDisk(suppressed)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Text for people: which files are left, and how to use or delete them. */
  String text() {
    var kept = kept();
    if (kept.isEmpty()) {
      return "Nothing of it is left behind; the same command begins it anew";
    }
    return "Left behind: "
        + String.join(", ", kept)
        + "; the same command goes on from it, and deleting it gives the room back";
  }

  private List<String> kept() {
    var parent = target.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      return List.of();
    }
    var kept = new ArrayList<String>();
    try (var hidden = Files.newDirectoryStream(parent, "." + target.getFileName() + ".*")) {
      for (Path each : hidden) {
        long bytes = Files.isDirectory(each) ? FileTrees.bytes(each) : 0;
        if (bytes > 0) {
          kept.add("%s (%s)".formatted(each, DiskSpace.text(bytes)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    kept.sort(String::compareTo);
    return kept;
  }
}
