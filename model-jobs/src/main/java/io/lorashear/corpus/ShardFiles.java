package io.lorashear.corpus;

import io.lorashear.InputException;
import io.lorashear.run.PublishedDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The files of a manifest; refuses files that it does not name or whose hash differs. */
final class ShardFiles {

  private final PublishedDirectory corpus;
  private final Map<String, Path> verified = new HashMap<>();

  private ShardFiles(PublishedDirectory corpus) {
    this.corpus = corpus;
  }

  /** Checks the names of all files; hashes are checked when a shard is first read. */
  static ShardFiles of(PublishedDirectory corpus, CorpusManifest manifest) {
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
    return new ShardFiles(corpus);
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

  /** The file of a shard, its hash verified. */
  Path open(Shard shard) {
    return verified.computeIfAbsent(shard.path(), corpus::verified);
  }
}
