package io.lorashear.run;

import io.lorashear.metrics.MetricsFile;
import io.lorashear.metrics.StageMetrics;
import io.lorashear.metrics.StageMetrics.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What stages that did not end have left in the work folder of a run.
 *
 * <pre>
 *   .NAME.unfinished, .NAME.unfinished-IDENTITY   files of a publication
 *   .NAME.scratch-IDENTITY                        states of a training
 *   .NAME.replaced                                an earlier publication, between two renames
 *   .NAME.lock                                    held during writing
 *   NAME                                          without a manifest, beside NAME.metrics.jsonl
 * </pre>
 *
 * A publication is never among them.
 */
public final class Leftovers {
  private static final int DEPTH = 4; // rounds/000001/recovered/round-0
  private static final Pattern HIDDEN =
      Pattern.compile("\\.(.+)\\.(unfinished|scratch|replaced|lock)(?:-([0-9a-f]{16}))?");

  private Leftovers() {}

  /** Whether a file or folder may go. */
  public enum Use {
    /** No run needs it. */
    NONE,
    /** The stage goes on from it; without it, it begins anew. */
    RESUMES,
    /** It is being written, or it is the only copy of a publication. */
    NEEDED
  }

  /**
   * A file or folder.
   *
   * @param why for people: why it is here, and what it is still good for
   */
  public record Leftover(Path path, long bytes, Use use, String why) {
    /** Deletes it. */
    public void delete() {
      try {
        FileTrees.delete(path);
      } catch (IOException e) {
        throw new UncheckedIOException(path + " could not be deleted", e);
      }
    }
  }

  /** Everything that stages have left in {@code run}, in the order of the paths. */
  public static List<Leftover> in(Path run) {
    try (var all = Files.find(run, DEPTH, (path, attributes) -> !attributes.isSymbolicLink())) {
      return all.sorted().flatMap(path -> at(path).stream()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(run + " cannot be looked through", e);
    }
  }

  private static Optional<Leftover> at(Path path) {
    var hidden = HIDDEN.matcher(path.getFileName().toString());
    if (hidden.matches()) {
      var target = path.resolveSibling(hidden.group(1));
      var identity = Optional.ofNullable(hidden.group(3));
      return Optional.of(hidden(path, target, hidden.group(2), identity));
    }
    if (Files.isDirectory(path) && stage(path).isPresent() && !holdsPublication(path)) {
      return Optional.of(
          isWritten(path)
              ? leftover(path, Use.NEEDED, "its stage is running")
              : leftover(path, Use.NONE, "no manifest names its files"));
    }
    return Optional.empty();
  }

  private static Leftover hidden(Path path, Path target, String kind, Optional<String> identity) {
    boolean published = Files.isRegularFile(target.resolve(Publication.MANIFEST));
    var name = target.getFileName();
    if (isWritten(target)) {
      return leftover(path, Use.NEEDED, "the stage of %s is running".formatted(name));
    }
    if (kind.equals("replaced") && !published) {
      return leftover(path, Use.NEEDED, "it is the only copy of %s".formatted(name));
    }
    boolean current =
        identity.isPresent()
            && stage(target)
                .filter(stage -> stage.state() != State.DONE)
                .filter(stage -> stage.identity().startsWith(identity.get()))
                .isPresent();
    if (current) {
      return leftover(path, Use.RESUMES, "the stage of %s goes on from it".formatted(name));
    }
    return leftover(
        path,
        Use.NONE,
        published
            ? "%s is published".formatted(name)
            : "%s was stopped, and would not go on from it".formatted(name));
  }

  private static Optional<StageMetrics> stage(Path target) {
    return StageMetrics.read(MetricsFile.of(target));
  }

  private static boolean isWritten(Path target) {
    return stage(target)
        .map(StageMetrics::state)
        .filter(state -> state == State.RUNS || state == State.ELSEWHERE)
        .isPresent();
  }

  private static boolean holdsPublication(Path folder) {
    try (var manifests =
        Files.find(
            folder, Integer.MAX_VALUE, (path, attributes) -> path.endsWith(Publication.MANIFEST))) {
      return manifests.findAny().isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be looked through", e);
    }
  }

  private static Leftover leftover(Path path, Use use, String why) {
    try {
      return new Leftover(path, FileTrees.bytes(path), use, why);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read", e);
    }
  }
}
