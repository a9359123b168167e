package io.lorashear.corpus;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Stage;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Manifest of a published corpus of sequences: {@code manifest.json} of its folder.
 *
 * @param tokenizer sha256 of the {@code tokenizer.json} that made the ids
 * @param vocabulary highest id of the tokenizer + 1
 * @param sequenceLength ids in every row
 * @param sources by name
 * @param shards in the order of their rows
 * @param earlier hash of every corpus that this one has grown from, the oldest first; a shard of
 *     generation i is missing in the first i of them
 */
public record CorpusManifest(
    String tokenizer,
    int vocabulary,
    int sequenceLength,
    List<SourceCounts> sources,
    List<Shard> shards,
    List<String> earlier) {

  static final String KIND = "corpus";
  private static final int VERSION = 2;

  public CorpusManifest {
    sources = List.copyOf(sources);
    shards = List.copyOf(shards);
    earlier = List.copyOf(earlier);
  }

  /**
   * Reads the manifest of a corpus folder.
   *
   * @throws InputException if there is none, or one of something else or of another version
   */
  public static CorpusManifest read(Path corpus) {
    return of(PublishedDirectory.openOf("tokenize", corpus));
  }

  static CorpusManifest of(PublishedDirectory corpus) {
    return ManifestJson.read(corpus, KIND, VERSION, CorpusManifest.class)
        .checked(corpus.directory());
  }

  private CorpusManifest checked(Path corpus) {
    String where = ManifestJson.file(corpus).toString();
    if (sequenceLength < 2) {
      throw new InputException(
          "%s: sequence_length is %d: rows need two ids at least, tokenize the corpus again",
          where, sequenceLength);
    }
    shards.forEach(shard -> shard.check(where, earlier.size()));
    return this;
  }

  /** Puts the manifest into the output of a stage, whose folder holds the shards. */
  public void writeTo(Stage.Output output) {
    output.manifest().setAll(json());
  }

  private ObjectNode json() {
    return ManifestJson.json(KIND, VERSION, this);
  }

  /** Shards of one split of one source, in the order of their rows. */
  public List<Shard> shards(String source, String split) {
    return shards.stream()
        .filter(shard -> shard.source().equals(source) && shard.split().equals(split))
        .toList();
  }

  /** Names of the sources. */
  public List<String> sourceNames() {
    return sources.stream().map(SourceCounts::name).toList();
  }

  /** Text for people: one line for each source. */
  public String summary() {
    return sources.stream().map(SourceCounts::summary).collect(Collectors.joining("\n"));
  }
}
