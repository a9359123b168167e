package io.lorashear.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Version of the code: a hash over this program's own class files, in a folder, in a jar of their
 * own, or in one jar with all libraries. Any change of code changes it, so that results of older
 * code are never taken for current ones; a rebuild of the same sources does not change it.
 * Libraries are not part of it.
 *
 * @param place folder or jar of the classes
 * @param spark true for spark-jobs, false for model-jobs
 */
record CodeVersion(Path place, boolean spark) {
  private static final String CLASSES = "io/lorashear";
  private static final List<String> NOT_MODEL_SIDE = List.of("spark/", "shaded/");
  private static final Map<CodeVersion, String> KNOWN = new ConcurrentHashMap<>();

  /** The version of the module of {@code anchor}. */
  static String of(Class<?> anchor) {
    try {
      var place = Path.of(anchor.getProtectionDomain().getCodeSource().getLocation().toURI());
      boolean spark = anchor.getName().startsWith("io.lorashear.spark.");
      return KNOWN.computeIfAbsent(new CodeVersion(place, spark), CodeVersion::hash);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  String hash() {
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

  private String hashClasses(Path root) throws IOException {
    var digest = Sha256.digest();
    var classes = root.resolve(CLASSES);
    for (Path file : FileTrees.files(classes)) {
      var name = FileTrees.name(classes, file);
      if (spark ? name.startsWith("spark/") : NOT_MODEL_SIDE.stream().noneMatch(name::startsWith)) {
        digest.update(name.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(Files.readAllBytes(file));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
