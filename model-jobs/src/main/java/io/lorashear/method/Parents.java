package io.lorashear.method;

import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Hashes of what a stage reads. */
public final class Parents {
  private Parents() {}

  /** Of a folder this program published. */
  public static String published(Path directory) {
    return PublishedDirectory.open(directory).hash();
  }

  /** Of a model: its manifest where we published it, else the files themselves. */
  public static String checkpoint(Path checkpoint) {
    if (!Files.isDirectory(checkpoint)) {
      return Sha256.of(checkpoint);
    }
    if (Files.isRegularFile(checkpoint.resolve(Publication.MANIFEST))) {
      return published(checkpoint);
    }
    try (var files = Files.list(checkpoint)) {
      return Sha256.of(
          files
              .filter(Files::isRegularFile)
              .sorted()
              .map(file -> file.getFileName() + " " + Sha256.of(file))
              .collect(Collectors.joining("\n")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
