package io.lorashear.corpus;

import io.lorashear.InputException;
import io.lorashear.fetch.FileCopies;
import io.lorashear.fetch.FilePass;
import io.lorashear.run.PublishedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * Reads the dense model's predictions for rows from a loss report. Rows stream through DuckDB and
 * are not held in memory.
 */
public final class TeacherReader {
  private final PublishedDirectory report;
  private final TeacherManifest manifest;
  private final FileCopies copies;

  private TeacherReader(PublishedDirectory report, TeacherManifest manifest, FileCopies copies) {
    this.report = report;
    this.manifest = manifest;
    this.copies = copies;
  }

  /**
   * Opens a loss report that {@code perplexity} published with {@code keepTop}.
   *
   * @throws InputException if it keeps no likeliest tokens, or if a file is not named by its
   *     manifest, is missing, or has another size
   */
  public static TeacherReader open(Path folder) {
    var report = PublishedDirectory.openOf("perplexity with keepTop", folder);
    var manifest = TeacherManifest.of(report);
    var shards = report.directory().resolve(TeacherManifest.FOLDER);
    var named = Set.copyOf(manifest.shards());
    try (var files = Files.list(shards)) {
      files
          .filter(file -> !named.contains(TeacherManifest.FOLDER + "/" + file.getFileName()))
          .sorted()
          .findFirst()
          .ifPresent(TeacherReader::refuse);
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", shards, e.getMessage());
    }
    return new TeacherReader(report, manifest, FileCopies.ofUser());
  }

  private static void refuse(Path stranger) {
    throw new InputException(
        "%s is not named by the manifest of its loss report: remove the file, or run perplexity"
            + " again",
        stranger);
  }

  /**
   * All files of the predictions, hashes verified, for another reader.
   *
   * @throws InputException if a file differs from its hash
   */
  public List<Path> verified() {
    return manifest.shards().stream().map(report::verified).toList();
  }

  /** Which corpus, tokenizer and rows the predictions are of. */
  public TeacherManifest manifest() {
    return manifest;
  }

  /**
   * Checks that rows of {@code corpus} can be learnt from this teacher.
   *
   * @param isolateDocuments whether the student reads documents apart
   * @throws InputException if it belongs to another corpus or tokenizer, or isolated documents
   *     differently
   */
  public void requireFit(SequenceReader corpus, boolean isolateDocuments) {
    if (!manifest.tokenizer().equals(corpus.manifest().tokenizer())) {
      throw new InputException(
          "the teacher %s reads the ids of another tokenizer than the corpus that is trained on:"
              + " run perplexity with keepTop on this corpus",
          report.directory());
    }
    if (!manifest.corpus().equals(corpus.hash())) {
      throw new InputException(
          "the teacher %s was made of another corpus than the one that is trained on: run"
              + " perplexity with keepTop on this corpus",
          report.directory());
    }
    if (manifest.isolateDocuments() != isolateDocuments) {
      throw new InputException(
          "train.isolateDocuments is %s, but the teacher %s was made with isolateDocuments %s: run"
              + " perplexity with the same",
          isolateDocuments, report.directory(), manifest.isolateDocuments());
    }
  }

  /** Receives a teacher's predictions for one row. */
  interface RowTaker {
    void take(String sequence, SoftTargets targets) throws IOException;
  }

  /**
   * Passes the rows of these ids on, in no particular order; rows that the teacher lacks are left
   * out.
   *
   * @throws InputException if a file differs from its hash or holds no teacher's rows
   */
  void forEach(List<String> ids, RowTaker taker) throws IOException {
    var query =
        "select sequence_id, ids, log_probabilities, tail from %s join wanted on sequence_id = id";
    try (var pass = FilePass.over(report, manifest.shards(), copies, report::verified);
        var database = new ShardDatabase()) {
      database.wanted(ids);
      while (pass.hasNext()) {
        try (var rows = database.query(query.formatted(ShardPass.table(pass.next(), "")))) {
          while (rows.next()) {
            taker.take(rows.getString(1), targets(rows));
          }
        }
      }
    } catch (SQLException e) {
      throw new InputException(
          e,
          "the teacher %s cannot be read (%s): run perplexity with keepTop again",
          report.directory(),
          e.getMessage());
    }
  }

  private SoftTargets targets(ResultSet row) throws SQLException {
    var ids = elements(row, 2);
    var tokens = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      tokens[i] = ((Number) ids[i]).intValue();
    }
    var tail = floats(elements(row, 4));
    return new SoftTargets(manifest.top(), tokens, floats(elements(row, 3)), tail);
  }

  private static Object[] elements(ResultSet row, int column) throws SQLException {
    return (Object[]) row.getArray(column).getArray();
  }

  private static float[] floats(Object[] elements) {
    var floats = new float[elements.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = ((Number) elements[i]).floatValue();
    }
    return floats;
  }

  @Override
  public String toString() {
    return report.directory().toString();
  }
}
