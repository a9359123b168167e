package io.lorashear.corpus;

import io.lorashear.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The files behind a manifest: none that it does not name, each as long and as hashed as it says.
 */
final class ShardFiles {

  private final Path corpus;
  private final Set<String> verified = new HashSet<>();

  private ShardFiles(Path corpus) {
    this.corpus = corpus;
  }

  /** Looks at names and sizes of all files; hashes are looked at when a shard is first read. */
  static ShardFiles of(Path corpus, CorpusManifest manifest) {
    refuseUnnamed(corpus, manifest.shards());
    manifest.shards().forEach(shard -> checkSize(corpus, shard));
    return new ShardFiles(corpus);
  }

  private static void refuseUnnamed(Path corpus, List<Shard> shards) {
    var named = shards.stream().map(Shard::path).collect(Collectors.toSet());
    var folder = corpus.resolve("sequences");
    if (shards.isEmpty() && !Files.exists(folder)) {
      return;
    }
    try (var files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .map(file -> corpus.relativize(file).toString().replace('\\', '/'))
          .filter(file -> !named.contains(file))
          .sorted()
          .findFirst()
          .ifPresent(file -> unnamed(corpus, file));
    } catch (NoSuchFileException e) {
      throw new InputException(
          e,
          "%s: no such folder, though the manifest names shards in it: copy the corpus again",
          folder);
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", folder, e.getMessage());
    }
  }

  private static void unnamed(Path corpus, String file) {
    throw new InputException(
        "%s is not named in %s: remove the file, or tokenize the corpus again",
        corpus.resolve(file), ManifestJson.file(corpus));
  }

  private static void checkSize(Path corpus, Shard shard) {
    Path file = corpus.resolve(shard.path());
    long size;
    try {
      size = Files.size(file);
    } catch (IOException e) {
      throw new InputException(
          e,
          "%s: no such file, though %s names it: copy the corpus again",
          file,
          ManifestJson.file(corpus));
    }
    if (size != shard.bytes()) {
      throw new InputException(
          "%s has %d bytes, but %s says %d: copy the corpus again",
          file, size, ManifestJson.file(corpus), shard.bytes());
    }
  }

  /** The file of a shard, its hash verified. */
  Path open(Shard shard) {
    Path file = corpus.resolve(shard.path());
    if (verified.add(shard.path()) && !sha256(file).equals(shard.sha256())) {
      verified.remove(shard.path());
      throw new InputException(
          "%s is not the file that %s names (its sha256 differs): copy the corpus again",
          file, ManifestJson.file(corpus));
    }
    return file;
  }

  private static String sha256(Path file) {
    try (InputStream bytes = Files.newInputStream(file)) {
      var digest = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(bytes, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", file, e.getMessage());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
