package io.lorashear.corpus;

import io.lorashear.InputException;
import io.lorashear.fetch.FileCopies;
import io.lorashear.fetch.FilePass;
import io.lorashear.run.PublishedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The files of a manifest; refuses files that it does not name or whose hash differs. */
final class ShardFiles {

  private final PublishedDirectory corpus;
  private final FileCopies copies;
  private final Map<String, Path> verified = new HashMap<>();

  private ShardFiles(PublishedDirectory corpus, FileCopies copies) {
    this.corpus = corpus;
    this.copies = copies;
  }

  /** Checks the names of all files; hashes are checked when a shard is first read. */
  static ShardFiles of(PublishedDirectory corpus, CorpusManifest manifest, FileCopies copies) {
    var named = manifest.shards().stream().map(Shard::path).collect(Collectors.toSet());
    var sequences = corpus.directory().resolve("sequences");
    try (var files = Files.walk(sequences)) {
      files
          .filter(Files::isRegularFile)
          .filter(file -> !named.contains(name(corpus, file)))
          .sorted()
          .findFirst()
          .ifPresent(ShardFiles::refuse);
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", sequences, e.getMessage());
    }
    return new ShardFiles(corpus, copies);
  }

  private static String name(PublishedDirectory corpus, Path file) {
    return corpus.directory().relativize(file).toString().replace('\\', '/');
  }

  private static void refuse(Path stranger) {
    throw new InputException(
        "%s is not named by the manifest of its corpus: remove the file, or tokenize the corpus"
            + " again",
        stranger);
  }

  String hash() {
    return corpus.hash();
  }

  /** The file of a shard where the corpus is, its hash verified. */
  Path open(Shard shard) {
    return open(shard.path());
  }

  private Path open(String path) {
    return verified.computeIfAbsent(path, corpus::verified);
  }

  /** A reading of these shards on this machine, in this order. */
  ShardPass pass(List<Shard> shards) {
    var names = shards.stream().map(Shard::path).toList();
    return new ShardPass(shards, FilePass.over(corpus, names, copies, this::open));
  }

  /** Text for people: which files these are. */
  String names(List<Shard> shards) {
    var all = shards.stream().map(shard -> corpus.directory().resolve(shard.path())).toList();
    return all.size() == 1
        ? all.get(0).toString()
        : "%d shards from %s on".formatted(all.size(), all.isEmpty() ? "none" : all.get(0));
  }
}
