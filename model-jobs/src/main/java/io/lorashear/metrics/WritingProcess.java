package io.lorashear.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The process that writes a metrics file.
 *
 * @param number process id
 * @param machine host name
 * @param started when it began, because process ids are reused
 */
public record WritingProcess(long number, String machine, Instant started) {
  /**
   * Tolerance for start times, because the operating system computes them by a clock of its own.
   */
  private static final Duration APART = Duration.ofSeconds(60);

  /** The current process. */
  static WritingProcess own() {
    var own = ProcessHandle.current();
    return new WritingProcess(own.pid(), machineOfThis(), started(own));
  }

  private static Instant started(ProcessHandle process) {
    return process.info().startInstant().orElse(Instant.EPOCH);
  }

  private static String machineOfThis() {
    var name = ManagementFactory.getRuntimeMXBean().getName(); // number@machine
    return name.substring(name.indexOf('@') + 1);
  }

  void addTo(ObjectNode line) {
    line.put("process", number).put("machine", machine).put("processStarted", started.toString());
  }

  static WritingProcess of(JsonNode line) {
    return new WritingProcess(
        line.path("process").asLong(),
        line.path("machine").asText(),
        Instant.parse(line.path("processStarted").asText()));
  }

  /** Whether it is still running; empty if it is on another machine. */
  public Optional<Boolean> runs() {
    if (!machine.equals(machineOfThis())) {
      return Optional.empty();
    }
    return Optional.of(
        ProcessHandle.of(number)
            .filter(ProcessHandle::isAlive)
            .filter(found -> Duration.between(started, started(found)).abs().compareTo(APART) < 0)
            .isPresent());
  }
}
