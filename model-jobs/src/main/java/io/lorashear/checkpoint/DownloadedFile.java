package io.lorashear.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Metadata of Hugging Face's downloader: the SHA-256 of a large file is the name of the blob that
 * its cache links to, or is recorded in a local folder next to the file.
 *
 * <pre>
 *   snapshots/…/model.safetensors → blobs/3f9a…                     64 hexadecimal digits
 *   .cache/huggingface/download/model.safetensors.metadata          commit, hash, when, a line each
 * </pre>
 */
final class DownloadedFile {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final double LATEST = 1; // seconds between a file's last change and its record

  private DownloadedFile() {}

  /** The hash, if it is known and the file was not changed deliberately afterwards. */
  static Optional<String> sha256(Path file) {
    try {
      var real = file.toRealPath();
      var name = real.getFileName().toString();
      return real.getParent() != null && real.getParent().endsWith("blobs")
          ? Optional.of(name).filter(hash -> SHA256.matcher(hash).matches())
          : recorded(file);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  private static Optional<String> recorded(Path file) throws IOException {
    var record =
        file.resolveSibling(".cache/huggingface/download/" + file.getFileName() + ".metadata");
    if (!Files.isRegularFile(record)) {
      return Optional.empty();
    }
    var lines = Files.readAllLines(record);
    boolean whole = lines.size() >= 3 && SHA256.matcher(lines.get(1)).matches();
    return whole && unchanged(file, lines.get(2)) ? Optional.of(lines.get(1)) : Optional.empty();
  }

  private static boolean unchanged(Path file, String when) throws IOException {
    try {
      double changed = Files.getLastModifiedTime(file).toMillis() / 1e3;
      return changed <= Double.parseDouble(when) + LATEST;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
