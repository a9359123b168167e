package io.lorashear.spark.schedule;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.InputException;
import io.lorashear.run.RunLock;
import io.lorashear.spark.schedule.Attempt.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The history of a work folder: {@code history/000000.json}, {@code 000001.json}, … Each entry is
 * replaced atomically, by a rename.
 *
 * <pre>
 *   a round counts  ⇔  an entry says that it is done
 * </pre>
 *
 * So that rename marks the round's sequences as drawn and makes its model the current one. Only the
 * holder of the {@link RunLock} may write.
 */
public final class History {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final List<Attempt> attempts = new ArrayList<>();

  private History(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads all entries; the history may be empty.
   *
   * @throws InputException if one was not written by this program
   */
  public static History of(Path work) {
    var history = new History(work.resolve("history"));
    for (var file = history.file(0);
        Files.exists(file);
        file = history.file(history.attempts.size())) {
      history.attempts.add(read(file));
    }
    return history;
  }

  private static Attempt read(Path file) {
    try {
      return Attempt.of(JSON.readTree(Files.readAllBytes(file)));
    } catch (IOException | IllegalArgumentException | DateTimeException e) {
      throw new InputException(
          e, "%s is no entry of a history (%s): put back the one that was there", file, e);
    }
  }

  private Path file(int number) {
    return folder.resolve("%06d.json".formatted(number));
  }

  /** All entries, in the order in which they began. */
  public List<Attempt> attempts() {
    return List.copyOf(attempts);
  }

  /** Entries of finished runs. */
  List<Attempt> done() {
    return attempts.stream().filter(each -> each.outcome() == Outcome.DONE).toList();
  }

  /** The run without a recorded end, if there is one. */
  Optional<Attempt> running() {
    return attempts.stream().filter(each -> each.outcome() == Outcome.RUNNING).findFirst();
  }

  /**
   * The last scheduled time that was handled. A time whose run was killed does not count.
   *
   * @return empty if the schedule has not started
   */
  Optional<Instant> handled() {
    return attempts.stream()
        .filter(each -> each.outcome() != Outcome.KILLED)
        .flatMap(
            each ->
                each.outcome() == Outcome.BEGUN
                    ? Optional.of(each.started()).stream()
                    : each.scheduled().stream())
        .max(Instant::compareTo);
  }

  /** Records that the schedule starts now. */
  void begin(Instant now) {
    add(Attempt.of(attempts.size(), done().size(), Outcome.BEGUN, Optional.empty(), now));
  }

  /** Records scheduled times without a run. */
  void missed(List<Instant> times, Instant now) {
    if (!times.isEmpty()) {
      var last = times.get(times.size() - 1);
      var text = "%d from %s to %s".formatted(times.size(), times.get(0), last);
      add(
          Attempt.of(attempts.size(), done().size(), Outcome.MISSED, Optional.of(last), now)
              .with(Outcome.MISSED, Optional.empty(), text));
    }
  }

  /** Records a run of the next round, or of an unfinished one. */
  Attempt start(Optional<Instant> scheduled, Instant now) {
    var attempt =
        Attempt.of(attempts.size(), done().size(), Outcome.RUNNING, scheduled, now).by(process());
    add(attempt);
    return attempt;
  }

  /** Replaces the entry of a run by its current state. */
  void replace(Attempt attempt) {
    attempts.set(attempt.number(), attempt);
    write(attempt);
  }

  private void add(Attempt attempt) {
    attempts.add(attempt);
    write(attempt);
  }

  private void write(Attempt attempt) {
    var file = file(attempt.number());
    var unfinished = file.resolveSibling("." + file.getFileName() + ".unfinished");
    try {
      Files.createDirectories(folder);
      var text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(attempt.json()) + "\n";
      try (var channel =
          FileChannel.open(
              unfinished,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        channel.force(true);
      }
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " could not be written", e);
    }
  }

  private static String process() {
    try {
      return ProcessHandle.current().pid() + " on " + InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException nameless) {
      return String.valueOf(ProcessHandle.current().pid());
    }
  }
}
