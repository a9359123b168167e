package io.lorashear.contest;

import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * The figures of one cell: a small file that is kept when the models are deleted, and from which a
 * contest resumes, also on another machine.
 *
 * @param identity hash of the settings and inputs, but not of the code
 * @param commit commit of the code that made it
 * @param parameters number of parameters of the model
 * @param tokens tokens trained on, during pruning and recovery
 * @param pruned held-out losses before recovery; for the dense model the same as {@code recovered}
 * @param recovered held-out losses of the finished model
 */
public record CellResult(
    Cell cell,
    String identity,
    String commit,
    long parameters,
    long tokens,
    HeldOut pruned,
    HeldOut recovered,
    Marks marks,
    Cost cost) {

  /** The file of a cell's figures. */
  static Path file(ContestSettings contest, Cell cell) {
    return contest.work().resolve("cells").resolve(cell.name() + ".json");
  }

  /**
   * Reads the figures in {@code file}, if it exists.
   *
   * @param replaceable whether figures of other inputs may be replaced; then they count as absent
   * @throws InputException if they belong to other settings, another model or another corpus
   */
  static Optional<CellResult> read(Path file, Cell cell, String identity, boolean replaceable) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    var json = JsonFile.read(file);
    if (!json.path("identity").asText().equals(identity)) {
      if (replaceable) {
        return Optional.empty();
      }
      throw new InputException(
          "%s holds figures of other settings, another model or another corpus: give --overwrite to"
              + " replace them, or another work folder",
          file);
    }
    return Optional.of(
        new CellResult(
            cell,
            identity,
            json.path("commit").asText(),
            json.path("parameters").asLong(),
            json.path("tokens").asLong(),
            HeldOut.fromJson(json.path("pruned")),
            HeldOut.fromJson(json.path("recovered")),
            Marks.fromJson(json.path("right")),
            Cost.fromJson(json.path("cost"))));
  }

  /** Writes the file atomically. */
  void write(Path file) {
    var json = JsonFile.object().put("method", cell.method());
    json.put("ratio", cell.ratio()).put("seed", cell.seed());
    json.put("identity", identity).put("commit", commit);
    json.put("parameters", parameters).put("tokens", tokens);
    json.set("pruned", pruned.toJson());
    json.set("recovered", recovered.toJson());
    json.set("right", marks.toJson());
    json.set("cost", cost.toJson());
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      var unfinished = file.resolveSibling("." + file.getFileName() + ".unfinished");
      JsonFile.write(unfinished, json);
      Files.move(
          unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " could not be written", e);
    }
  }
}
