package io.lorashear.checkpoint;

import io.lorashear.checkpoint.gguf.Gguf;
import io.lorashear.run.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;

/** Tokenizers of GGUF files, each written into a folder named by the hash of its content. */
record TokenizerCache(Path folder) {

  static TokenizerCache of(Path cache) {
    return new TokenizerCache(cache.resolve("tokenizers"));
  }

  /**
   * The paths of the tokenizer.json and tokenizer_config.json of {@code gguf}; equal files have
   * equal paths.
   */
  List<Path> keep(Gguf gguf) {
    var tokenizer = JsonFile.bytes(gguf.tokenizer());
    var config = JsonFile.bytes(gguf.tokenizerConfig());
    var home = folder.resolve(Sha256.of(Sha256.of(tokenizer) + Sha256.of(config)));
    return List.of(
        keep(home.resolve(CheckpointFiles.TOKENIZER), tokenizer),
        keep(home.resolve(CheckpointFiles.TOKENIZER_CONFIG), config));
  }

  private static Path keep(Path file, byte[] content) {
    try {
      Files.createDirectories(file.getParent());
      if (!Files.exists(file) || Files.size(file) != content.length) {
        var fresh = file.resolveSibling("writing-" + UUID.randomUUID() + ".json");
        Files.write(fresh, content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }
}
