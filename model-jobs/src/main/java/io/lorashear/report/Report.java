package io.lorashear.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.run.DemoFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/**
 * Writes {@code report.html} next to the published folders of a run. It reads only published files,
 * so that the page can be made again; the page is not part of a result, because it contains times.
 */
public final class Report {
  /** The name of the page in the folder of a run. */
  public static final String FILE = "report.html";

  private Report() {}

  /**
   * Writes the page of a run and replaces an earlier one.
   *
   * @param run its work folder, or that of {@code demo --out}
   * @return the page
   * @throws InputException if nothing is published there, or if a result was changed
   */
  public static Path write(Path run) {
    return write(run, folder(run).resolve(FILE));
  }

  /** Writes the page of a run to another file. */
  public static Path write(Path run, Path page) {
    return replace(page, page(folder(run)));
  }

  /**
   * Writes the drawing of a run's pruned model as an SVG file.
   *
   * @throws InputException if the run has pruned nothing
   */
  public static Path draw(Path run, Path file) {
    var layers = Facts.of(folder(run)).layers();
    if (layers.axes().isEmpty()) {
      throw new InputException(
          "%s has no pruned model to be drawn: there is no pruned/pruning.json", run);
    }
    return replace(file, new ModelDrawing(layers).svg());
  }

  /** The work folder of {@code run}. */
  static Path folder(Path run) {
    if (!Files.isDirectory(run)) {
      throw new InputException(
          "%s is no folder: give the folder that run, demo, schedule or contest worked in", run);
    }
    return DemoFolder.workedIn(run, "documents");
  }

  static String page(Path folder) {
    var facts = facts(folder);
    var kind = RunKind.of(facts);
    var page = new Page(kind.title());
    for (var section : kind.sections()) {
      section.write(facts, page.section(section.id(), section.title()));
    }
    return finished(page, facts.json());
  }

  /** Completes the page with the note on numbers. */
  static String finished(Page page, ObjectNode data) {
    Html.add(
        page.footer(),
        "p",
        "Every number comes from a file of the run: click a number to see the file and the field."
            + " Numbers computed for this page are in its data under “computed”.");
    return page.html(data);
  }

  static Facts facts(Path folder) {
    var facts = Facts.of(folder);
    return facts.with(new Computed(facts).json());
  }

  static Path replace(Path file, String text) {
    var absolute = file.toAbsolutePath().normalize();
    var unfinished = absolute.resolveSibling("." + absolute.getFileName() + ".unfinished");
    try {
      Files.createDirectories(Objects.requireNonNull(absolute.getParent()));
      Files.writeString(unfinished, text, StandardCharsets.UTF_8);
      return Files.move(
          unfinished,
          absolute,
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " could not be written", e);
    }
  }
}
