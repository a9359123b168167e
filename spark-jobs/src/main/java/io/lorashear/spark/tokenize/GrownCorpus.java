package io.lorashear.spark.tokenize;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.explode;

import io.lorashear.InputException;
import io.lorashear.corpus.CorpusManifest;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.Shard;
import io.lorashear.corpus.SourceCounts;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import io.lorashear.settings.Storage;
import io.lorashear.spark.ingest.PublishedDocuments;
import io.lorashear.spark.shard.ShardFolder;
import io.lorashear.spark.store.HadoopStorage;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A corpus that a new one extends. All of its shards are in the new one, under the same names and
 * with the same bytes, so that rows drawn from it are still there; new shards get the next numbers.
 *
 * @param earlier folders of all documents that it was made from
 */
record GrownCorpus(Path folder, SequenceReader corpus, List<PublishedDocuments> earlier) {

  /**
   * Opens the corpus that {@code settings} name, if any.
   *
   * @throws InputException if it was made with another tokenizer or other settings, or if documents
   *     that it was made from are not given
   */
  static Optional<GrownCorpus> of(TokenizeSettings settings, String tokenizer) {
    return settings.grows().map(folder -> of(folder, settings, tokenizer));
  }

  private static GrownCorpus of(Path folder, TokenizeSettings settings, String tokenizer) {
    var earlier = settings.earlier().stream().map(PublishedDocuments::open).toList();
    var grown = new GrownCorpus(folder, SequenceReader.open(folder), earlier);
    var manifest = grown.manifest();
    grown.require("tokenizer", manifest.tokenizer(), tokenizer);
    grown.require("sequenceLength", manifest.sequenceLength(), settings.sequenceLength());
    var published = PublishedDirectory.open(folder).manifest();
    if (published.path("parents").has("shards")) {
      throw new InputException(
          "%s was made by retokenize, which reads no documents, so it cannot grow: extend the"
              + " corpus that it was made of, and give that one the new ids again",
          folder);
    }
    int passages = published.path("settings").path("passageCharacters").asInt();
    grown.require("passageCharacters", passages, settings.passageCharacters());
    var hashes = earlier.stream().map(each -> each.folder().hash()).toList();
    published
        .path("parents")
        .fields()
        .forEachRemaining(
            parent -> {
              if (parent.getKey().startsWith("documents")
                  && !hashes.contains(parent.getValue().asText())) {
                throw new InputException(
                    "earlier does not name all documents that %s was made of: the ones with the"
                        + " hash %s are missing",
                    folder, parent.getValue().asText());
              }
            });
    return grown;
  }

  private void require(String what, Object known, Object given) {
    if (!known.equals(given)) {
      throw new InputException(
          "%s is %s, but %s was made with %s: keep it, or begin a new corpus",
          what, given, folder, known);
    }
  }

  CorpusManifest manifest() {
    return corpus.manifest();
  }

  /** Adds the inputs of the extended corpus. */
  void parentsOf(Stage stage) {
    stage.parent("grows", corpus.hash());
    for (int i = 0; i < earlier.size(); i++) {
      stage.parent("documents before %04d".formatted(i), earlier.get(i).folder().hash());
    }
  }

  /** Generation of the new shards. */
  int generation() {
    return manifest().earlier().size() + 1;
  }

  /** The passages that have rows in it, with the split as last column. */
  Dataset<Row> passages(SparkSession spark, int characters) {
    var files =
        Stream.of(Sequence.TRAIN, Sequence.VALIDATION)
            .flatMap(split -> corpus.verified(split).stream())
            .map(file -> HadoopStorage.hadoop(file).toString());
    var splits =
        spark
            .read()
            .option("basePath", HadoopStorage.hadoop(folder.resolve("sequences")).toString())
            .parquet(files.toArray(String[]::new))
            .select(explode(col("document_ids")).as("document"), col("split"))
            .distinct();
    var documents = earlier.stream().map(each -> each.rows(spark)).reduce(Dataset::unionByName);
    var passages = Passage.of(documents.orElseThrow(), characters);
    var columns = new ArrayList<>(List.of(passages.columns()));
    columns.add("split");
    return passages
        .join(splits, "document")
        .select(columns.stream().map(name -> col(name)).toArray(Column[]::new));
  }

  /**
   * The manifest of this corpus with the additions.
   *
   * @param output folder that has the shards of {@code added} and receives all others
   */
  CorpusManifest grown(CorpusManifest added, Path output) throws IOException {
    Stream.of(Sequence.TRAIN, Sequence.VALIDATION).forEach(corpus::verified);
    for (Shard shard : manifest().shards()) {
      take(folder.resolve(shard.path()), output.resolve(shard.path()));
    }
    var order = Comparator.comparing(GrownCorpus::name, ShardFolder.ORDER);
    var shards =
        Stream.concat(manifest().shards().stream(), added.shards().stream()).sorted(order).toList();
    var earlierCorpora = new ArrayList<>(manifest().earlier());
    earlierCorpora.add(corpus.hash());
    return new CorpusManifest(
        added.tokenizer(),
        added.vocabulary(),
        added.sequenceLength(),
        sources(added),
        shards,
        earlierCorpora);
  }

  private static String name(Shard shard) {
    return shard.path().substring("sequences/".length());
  }

  /**
   * Links a shard if possible, because published files never change, so that two folders on one
   * disk can share them.
   */
  private static void take(Path shard, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    Files.deleteIfExists(target); // an incomplete copy, if a run was killed
    if (Storage.isLocal(shard) && Storage.isLocal(target)) {
      try {
        Files.createLink(target, shard);
        return;
      } catch (UnsupportedOperationException | FileSystemException otherDisk) {
        // a copy works as well
      }
    }
    Files.copy(shard, target);
  }

  private List<SourceCounts> sources(CorpusManifest added) {
    var sources = new TreeMap<String, SourceCounts>();
    manifest().sources().forEach(source -> sources.put(source.name(), source));
    added.sources().forEach(source -> sources.merge(source.name(), source, SourceCounts::plus));
    return List.copyOf(sources.values());
  }
}
