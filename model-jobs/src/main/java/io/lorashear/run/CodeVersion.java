package io.lorashear.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which code ran: a hash over this program's own class files, whether they lie in a jar or in a
 * folder. Any change of code changes it, so a stage is never skipped on the word of older code; a
 * rebuild of the same sources does not. Libraries are not part of it.
 */
final class CodeVersion {
  private static final String CLASSES = "io/lorashear";
  private static final Map<Path, String> KNOWN = new ConcurrentHashMap<>();

  private CodeVersion() {}

  /** The version of the module that {@code anchor} is in. */
  static String of(Class<?> anchor) {
    try {
      var place = Path.of(anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
      return KNOWN.computeIfAbsent(place, CodeVersion::hash);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String hash(Path place) {
    try {
      if (Files.isDirectory(place)) {
        return hashClasses(place);
      }
      try (var jar = FileSystems.newFileSystem(place)) {
        return hashClasses(jar.getPath("/"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hashClasses(Path root) throws IOException {
    var digest = Sha256.digest();
    var classes = root.resolve(CLASSES);
    for (Path file : FileTrees.files(classes)) {
      digest.update(FileTrees.name(classes, file).getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(Files.readAllBytes(file));
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
