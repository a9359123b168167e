package io.lorashear.spark.ingest;

import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.store.HadoopStorage;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What {@link Ingest} published. */
public record PublishedDocuments(PublishedDirectory folder) {

  /**
   * Opens a folder of documents.
   *
   * @throws InputException if it was not published, or holds something else
   */
  public static PublishedDocuments open(Path path) {
    var folder = PublishedDirectory.open(path);
    var kind = folder.manifest().path("kind").asText();
    if (!kind.equals(Ingest.DOCUMENTS)) {
      throw new InputException(
          "%s holds %s, not documents: give the folder that ingest wrote",
          path, kind.isEmpty() ? "something else" : kind);
    }
    return new PublishedDocuments(folder);
  }

  /** Columns source, id, kind, text, response (empty but for instructions), file, position. */
  public Dataset<Row> rows(SparkSession spark) {
    return spark
        .read()
        .parquet(HadoopStorage.hadoop(folder.directory().resolve(Ingest.DOCUMENTS)).toString());
  }

  /** The terms of each source's text. */
  public Map<String, String> licences() {
    var licences = new TreeMap<String, String>();
    folder
        .manifest()
        .path("sources")
        .forEach(
            source -> licences.put(source.path("name").asText(), source.path("licence").asText()));
    return licences;
  }
}
