package io.lorashear.cli;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The message for running out of memory: on a device, in this process, in a Spark task, or on an
 * executor, for which Spark reports only the exit code in words.
 */
final class MemoryEnd {
  private static final String SPARK = "org.apache.spark.";

  /** The wording of standalone clusters, YARN and Kubernetes. */
  private static final Pattern EXIT =
      Pattern.compile("[eE]xit(?:ed with)?(?: exit)? (?:code|status):? ?(52|137)(?!\\d)");

  private static final Pattern CONTAINER = Pattern.compile("exceeding (?:physical|virtual) memory");

  /** Exit code of a Spark JVM whose heap is full. */
  private static final String HEAP_FULL = "52";

  private static final String LESS =
      ", or let less be held at a time: in ingest by a smaller limits.recordBytes, anywhere by"
          + " fewer tasks at once (spark.executor.cores). The same command goes on with what is"
          + " finished";

  private MemoryEnd() {}

  /** The message in one line; empty for other failures. */
  static Optional<String> told(Throwable failure) {
    var device = DeviceMemory.told(failure);
    if (device.isPresent()) {
      return device;
    }
    var ofSpark = false;
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      ofSpark |= cause.getClass().getName().startsWith(SPARK);
      if (cause instanceof OutOfMemoryError full) {
        return Optional.of(ofSpark ? inTask(full) : here(full));
      }
      var ended = ofSpark ? executor(String.valueOf(cause.getMessage())) : null;
      if (ended != null) {
        return Optional.of(ended + LESS);
      }
    }
    return Optional.empty();
  }

  private static String here(OutOfMemoryError full) {
    return "memory ran out (%s): give more by LORASHEAR_HEAP, for example LORASHEAR_HEAP=8g"
        .formatted(full.getMessage());
  }

  private static String inTask(OutOfMemoryError full) {
    return here(full) + ", on a cluster by spark.executor.memory" + LESS;
  }

  private static @Nullable String executor(String message) {
    var exit = EXIT.matcher(message);
    if (exit.find() && exit.group(1).equals(HEAP_FULL)) {
      return "an executor died as its memory ran out (exit code 52): give executors more by"
          + " spark.executor.memory, for example"
          + " LORASHEAR_SUBMIT='--conf spark.executor.memory=8g'";
    } else if (exit.reset().find() || CONTAINER.matcher(message).find()) {
      return "an executor was killed from outside, mostly as its machine or container had no"
          + " memory left: give more beside its heap by spark.executor.memoryOverhead, for example"
          + " LORASHEAR_SUBMIT='--conf spark.executor.memoryOverhead=4g'";
    }
    return null;
  }
}
