package io.lorashear.spark.ingest;

import io.lorashear.InputException;
import io.lorashear.run.FileEntry;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.source.Inputs;
import io.lorashear.spark.source.RawFile;
import io.lorashear.spark.store.HadoopStorage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A folder that {@link Ingest} published. */
public record PublishedDocuments(PublishedDirectory folder) {

  /**
   * Opens a folder of documents.
   *
   * @throws InputException if it was not published, or holds something else
   */
  public static PublishedDocuments open(Path path) {
    var folder = PublishedDirectory.openOf("ingest", path);
    var kind = folder.manifest().path("kind").asText();
    if (!kind.equals(Ingest.DOCUMENTS)) {
      throw new InputException(
          "%s holds %s, not documents: give the folder that ingest wrote",
          path, kind.isEmpty() ? "something else" : kind);
    }
    return new PublishedDocuments(folder);
  }

  private static final StructType SCHEMA =
      new StructType()
          .add("source", DataTypes.StringType)
          .add("id", DataTypes.StringType)
          .add("kind", DataTypes.StringType)
          .add("text", DataTypes.StringType)
          .add("response", DataTypes.StringType)
          .add("file", DataTypes.StringType)
          .add("position", DataTypes.StringType)
          .add("paragraphs", DataTypes.IntegerType);

  /**
   * Columns source, id, kind, text, response (empty except for instructions), file, position,
   * paragraphs.
   *
   * @throws InputException if a file is not the one that was published
   */
  public Dataset<Row> rows(SparkSession spark) {
    return isEmpty()
        ? spark.createDataFrame(List.of(), SCHEMA)
        : spark.read().parquet(verified(spark).toArray(String[]::new));
  }

  /** The files that the manifest names, for Spark; tasks hash them. */
  private List<String> verified(SparkSession spark) {
    var named =
        files()
            .map(
                file ->
                    new RawFile(Ingest.DOCUMENTS, file.name(), path(folder.file(file.name())), ""))
            .toList();
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return Inputs.hashed(context, named).stream()
        .map(file -> path(folder.verified(file.name(), path -> file.sha256())))
        .toList();
  }

  private Stream<FileEntry> files() {
    return folder.files().stream().filter(file -> file.name().startsWith(Ingest.DOCUMENTS + "/"));
  }

  /** Whether it holds no documents because there was nothing new. */
  public boolean isEmpty() {
    return files().findAny().isEmpty();
  }

  private static String path(Path file) {
    return HadoopStorage.hadoop(file).toString();
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
