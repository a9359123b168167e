package io.lorashear.train;

import ai.djl.ndarray.NDArray;
import io.lorashear.checkpoint.safetensors.Safetensors;
import io.lorashear.checkpoint.safetensors.SafetensorsWriter;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.kernel.Arithmetic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Saves live arrays to files and restores them, bit for bit; publishes folders only when complete.
 */
public final class NamedArrays {
  private NamedArrays() {}

  /** Writes float32 arrays. */
  public static void write(Path file, Map<String, NDArray> arrays) {
    SafetensorsWriter.write(file, new LiveTensors(arrays));
  }

  /** Overwrites the content of {@code arrays} with what {@link #write} saved of them. */
  public static void read(Path file, Map<String, NDArray> arrays) {
    try (var tensors = Safetensors.open(file)) {
      arrays.forEach(
          (name, array) -> {
            try (var scope = array.getManager().newSubManager()) {
              var saved = HostArrays.send(scope, tensors.floats(name), array.getShape());
              Arithmetic.copy(List.of(array), List.of(saved));
            }
          });
    }
  }

  /** Replaces {@code target} by a folder with what {@code content} writes. */
  public static void publish(Path target, Consumer<Path> content) {
    var unfinished = target.resolveSibling("." + target.getFileName());
    try {
      delete(unfinished);
      Files.createDirectories(unfinished);
      content.accept(unfinished);
      delete(target);
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (var tree = Files.walk(path)) {
      for (var each : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
