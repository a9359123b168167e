package io.lorashear.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A folder that {@link Publication} wrote. Only files that its manifest names can be reached.
 *
 * @param directory absolute
 * @param manifest its manifest, including {@code files}
 */
public record PublishedDirectory(Path directory, JsonNode manifest) {

  /**
   * Opens a published folder after checking the name and size of every file.
   *
   * @throws InputException if there is no manifest, or a file is missing or has another size
   */
  public static PublishedDirectory open(Path directory) {
    return open(directory, "the stage that writes it");
  }

  /**
   * The same.
   *
   * @param command command that publishes such folders, for the message
   */
  public static PublishedDirectory openOf(String command, Path directory) {
    return open(directory, command + ", which writes it");
  }

  private static PublishedDirectory open(Path directory, String writer) {
    var file = directory.resolve(Publication.MANIFEST);
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          Files.isDirectory(directory)
              ? "%s has no manifest.json, so it is no finished output: run %s"
              : Files.exists(directory)
                  ? "%s is a file, not a finished output: give a folder, or run %s"
                  : "%s does not exist: check the path, or run %s",
          directory,
          writer);
    }
    var opened = new PublishedDirectory(directory.toAbsolutePath().normalize(), read(file));
    for (FileEntry entry : opened.files()) {
      opened.checkSize(entry);
    }
    return opened;
  }

  /**
   * Opens a published folder after comparing the hash of every file; takes about a second per
   * gigabyte.
   *
   * @throws InputException also if a file's content was changed
   */
  public static PublishedDirectory openVerified(Path directory) {
    var opened = open(directory);
    opened.files().forEach(entry -> opened.checkHash(entry, Sha256::of));
    return opened;
  }

  private void checkHash(FileEntry entry, Function<Path, String> hash) {
    if (!hash.apply(directory.resolve(entry.name())).equals(entry.sha256())) {
      throw new InputException(
          "%s was changed after it was published (its SHA-256 is not the manifest's): run %s again",
          directory.resolve(entry.name()), writer());
    }
  }

  /** The command that published it. */
  private String writer() {
    return writer(manifest);
  }

  private static String writer(JsonNode manifest) {
    return manifest.path("stage").asText("the stage that writes it");
  }

  private static JsonNode read(Path file) {
    try {
      var bytes = Files.readAllBytes(file);
      var manifest = Json.MAPPER.readTree(bytes);
      if (!ManifestText.isWhole(new String(bytes, UTF_8), manifest)) {
        throw new InputException(
            "%s was changed after it was published (its checksum is another): run %s again",
            file, writer(manifest));
      }
      if (manifest.path("files").isArray()) {
        return manifest;
      }
      throw new InputException(
          "%s names no files: it is no manifest of this program; run the stage that writes it",
          file);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new InputException(
          e,
          "%s is no valid JSON (%s): run the stage that writes it",
          file,
          e.getOriginalMessage());
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s): check its rights", file, e);
    }
  }

  private void checkSize(FileEntry entry) {
    var file = directory.resolve(entry.name()).normalize();
    if (!file.startsWith(directory)) {
      throw new InputException(
          "%s names %s, which is outside of its folder: do not use it",
          directory.resolve(Publication.MANIFEST), entry.name());
    }
    try {
      long size = Files.isRegularFile(file) ? Files.size(file) : -1;
      if (size != entry.size()) {
        throw new InputException(
            "%s %s, but its manifest says %d bytes: run %s again",
            file, size < 0 ? "is missing" : "has " + size + " bytes", entry.size(), writer());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All files, in the order of their names. */
  public List<FileEntry> files() {
    var entries = new ArrayList<FileEntry>();
    manifest.path("files").forEach(node -> entries.add(FileEntry.of(node)));
    return entries;
  }

  /**
   * The path of one file.
   *
   * @throws InputException if the manifest does not name it
   */
  public Path file(String name) {
    return directory.resolve(entry(name).name());
  }

  /**
   * Size and hash of one file.
   *
   * @throws InputException if the manifest does not name it
   */
  public FileEntry entry(String name) {
    return files().stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "%s is not named by the manifest beside it: run %s again",
                    directory.resolve(name), writer()));
  }

  /**
   * The path of one file, after comparing its content with the manifest's hash.
   *
   * @throws InputException if the manifest does not name it, or its content was changed
   */
  public Path verified(String name) {
    return verified(name, Sha256::of);
  }

  /** {@link #verified(String)} with another way to get the content's hash. */
  public Path verified(String name, Function<Path, String> hash) {
    checkHash(entry(name), hash);
    return directory.resolve(name);
  }

  /** SHA-256 of the manifest, and so, through the hashes in it, of every byte published. */
  public String hash() {
    return Sha256.of(directory.resolve(Publication.MANIFEST));
  }
}
