package io.lorashear.corpus;

import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import java.util.List;

/**
 * Part {@code teacher} of a loss report's manifest, if the model's likeliest tokens were kept.
 *
 * @param corpus hash of the corpus whose rows they are
 * @param tokenizer sha256 of the {@code tokenizer.json} that made the ids
 * @param top number of tokens kept at each position
 * @param isolateDocuments whether documents of a row did not see each other
 * @param rows number of rows
 * @param shards Parquet files in {@value #FOLDER}: sequence_id, and for each of its positions top
 *     ids, top log_probabilities and one tail
 */
public record TeacherManifest(
    String corpus,
    String tokenizer,
    int top,
    boolean isolateDocuments,
    long rows,
    List<String> shards) {

  /** Folder of the shards in the loss report's folder. */
  public static final String FOLDER = "teacher";

  public TeacherManifest {
    shards = List.copyOf(shards);
  }

  /** Adds this to the manifest of the loss report. */
  public void writeTo(Stage.Output output) {
    output.manifest().set(FOLDER, ManifestJson.tree(this));
  }

  static TeacherManifest of(PublishedDirectory report) {
    return ManifestJson.read(
            report, LossReport.KIND, LossReport.VERSION, FOLDER, TeacherManifest.class)
        .orElseThrow(
            () ->
                new InputException(
                    "%s keeps no likeliest tokens: run perplexity with keepTop, for example 32",
                    report.directory()));
  }
}
