package io.lorashear.export;

import io.lorashear.InputException;
import io.lorashear.verify.Readback;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A program that a model is exported for: what can be said in its files, how they are written, and
 * how they are read again. All of them stand in {@link Targets#ALL}.
 */
public interface Target {

  /** As {@code --for} takes it, for example "transformers". */
  String program();

  /** The form of its files, as {@code --format} takes it, for example "hf". */
  String form();

  /** Number types that it reads, the usual one first. */
  List<WeightType> types();

  /**
   * Refuses what cannot be said to the program.
   *
   * @throws InputException with the way out
   */
  void require(ExportRequest request);

  /** What the program does otherwise in some texts, a sentence each. */
  default List<String> remarks(ExportRequest request) {
    return List.of();
  }

  /** Bytes that the written weights will have, about. */
  default long bytes(ExportRequest request) {
    return Math.round(request.model().graph().parameterCount() * request.type().bits() / Byte.SIZE);
  }

  /** Writes all that the program reads into {@code folder}, which is there and empty. */
  void write(ExportRequest request, Path folder) throws IOException;

  /** What {@link #write} has left in {@code folder}, read as by somebody who finds it there. */
  Readback read(ExportRequest request, Path folder);

  /** How the program loads what was written into the folder DIR, for a model card. */
  String loading(ExportRequest request);

  /** What Hugging Face calls the library that loads it, where it has a name for it. */
  default Optional<String> library() {
    return Optional.empty();
  }

  /**
   * The type of this name; the usual one where none is given.
   *
   * @throws InputException when the program reads no such type
   */
  default WeightType type(Optional<String> name) {
    var wanted = name.orElse(types().get(0).name());
    return types().stream()
        .filter(type -> type.name().equalsIgnoreCase(wanted))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "--type %s: weights for %s are written as %s; choose one of them",
                    wanted,
                    program(),
                    types().stream().map(WeightType::name).collect(Collectors.joining(", "))));
  }
}
