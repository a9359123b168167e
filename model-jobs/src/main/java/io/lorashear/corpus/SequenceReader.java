package io.lorashear.corpus;

import io.lorashear.InputException;
import io.lorashear.fetch.FileCopies;
import io.lorashear.run.PublishedDirectory;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.ObjLongConsumer;

/**
 * Reads the sequences of a published corpus through DuckDB, in this process and without Spark. The
 * order is the same on every machine, and memory is bounded: rows stream, sorting spills to disk.
 */
public final class SequenceReader {

  private final CorpusManifest manifest;
  private final ShardFiles files;

  private SequenceReader(CorpusManifest manifest, ShardFiles files) {
    this.manifest = manifest;
    this.files = files;
  }

  /**
   * Opens a corpus folder.
   *
   * @throws InputException if its manifest is missing or of something else, or if a file is not
   *     named by it, is missing, or has another size
   */
  public static SequenceReader open(Path corpus) {
    return open(corpus, FileCopies.ofUser());
  }

  /**
   * The same.
   *
   * @param copies where shards of a corpus in a store are kept while they are read
   */
  public static SequenceReader open(Path corpus, FileCopies copies) {
    var published = PublishedDirectory.openOf("tokenize", corpus);
    var manifest = CorpusManifest.of(published);
    return new SequenceReader(manifest, ShardFiles.of(published, manifest, copies));
  }

  public CorpusManifest manifest() {
    return manifest;
  }

  /** Hash of the whole corpus. */
  public String hash() {
    return files.hash();
  }

  /**
   * All files of one split, hashes verified, for another reader.
   *
   * @throws InputException if a file is not the named one
   */
  public List<Path> verified(String split) {
    return manifest.shards().stream()
        .filter(shard -> shard.split().equals(split))
        .map(files::open)
        .toList();
  }

  /**
   * The files of these shards, hashes verified, for another reader.
   *
   * @throws InputException if a file is not the named one
   */
  public List<Path> files(List<Shard> shards) {
    return shards.stream().map(files::open).toList();
  }

  /**
   * All files that a subset draws from, hashes verified, for another reader.
   *
   * @throws InputException if one is not in this corpus, or not the named one
   */
  public List<Path> verified(SubsetManifest subset) {
    return shards(subset).stream().map(files::open).toList();
  }

  /**
   * All rows of one split of one source, in the order of their ids.
   *
   * @throws InputException if the source or the split has no rows, or a file is not the named one
   */
  public SequenceStream read(String source, String split) {
    return SequenceStream.all(files, shards(source, split));
  }

  /**
   * The drawn rows of a subset in training order, starting at {@code position}.
   *
   * @throws InputException if a drawn row is not in this corpus, or a file is not the named one
   */
  public SequenceStream drawn(SubsetManifest subset, long position) {
    var wanted =
        subset.drawn().stream().skip(position).map(SubsetManifest.Drawn::sequence).toList();
    return SequenceStream.rows(files, shards(subset), wanted);
  }

  private List<Shard> shards(SubsetManifest subset) {
    var shards = subset.drawn().stream().map(SubsetManifest.Drawn::shard).distinct().sorted();
    return shards.map(this::shard).toList();
  }

  /**
   * A uniform draw without repeats of {@code rows} rows (or all if there are fewer), in the order
   * of their ids: the same as the perplexity job's for the same seed.
   *
   * @throws InputException if the source or the split has no rows, or a file is not the named one
   */
  public SequenceStream sample(String source, String split, int rows, long seed) {
    var shards = shards(source, split);
    return SequenceStream.rows(files, shards, smallestKeys(shards, rows, seed));
  }

  /**
   * Passes each id that occurs in one split of one source to {@code each}, with numbers of its
   * occurrences that are to be added up; filling does not count.
   *
   * @throws InputException if the source or the split has no rows, or an id is not of the
   *     vocabulary
   */
  void countTokens(String source, String split, ObjLongConsumer<Integer> each) {
    SequenceStream.forEachToken(
        files,
        shards(source, split),
        (id, count) -> {
          if (id < 0 || id >= manifest.vocabulary()) {
            throw new InputException(
                "the %s rows of source %s have the id %d, but the corpus has a vocabulary of %d"
                    + " tokens: tokenize it again",
                split, source, id, manifest.vocabulary());
          }
          each.accept(id, count);
        });
  }

  private List<String> smallestKeys(List<Shard> shards, int rows, long seed) {
    record Candidate(String key, String id) {}
    var order = Comparator.comparing(Candidate::key).thenComparing(Candidate::id);
    var smallest = new PriorityQueue<>(order.reversed());
    SequenceStream.forEachId(
        files,
        shards,
        id -> {
          smallest.add(new Candidate(DrawKey.of(seed, 0, id), id));
          if (smallest.size() > rows) {
            smallest.poll();
          }
        });
    return smallest.stream().map(Candidate::id).sorted().toList();
  }

  private List<Shard> shards(String source, String split) {
    var shards = manifest.shards(source, split);
    if (shards.isEmpty()) {
      throw new InputException(
          "the corpus has no %s rows of source %s: its sources are %s",
          split, source, String.join(", ", manifest.sourceNames()));
    }
    return shards;
  }

  private Shard shard(String path) {
    return manifest.shards().stream()
        .filter(shard -> shard.path().equals(path))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "the subset draws from %s, which the corpus does not have: draw it again from"
                        + " this corpus",
                    path));
  }
}
