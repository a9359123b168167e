package io.lorashear.export;

import io.lorashear.InputException;
import io.lorashear.verify.Readback;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A program that a model is exported for: what its files can express, how they are written, and how
 * they are read back. {@link Targets#ALL} lists all of them.
 */
public interface Target {

  /** Its name for {@code --for}, for example "transformers". */
  String program();

  /** The form of its files for {@code --format}, for example "hf". */
  String form();

  /** Number types that it reads, the default first. */
  List<WeightType> types();

  /**
   * Refuses models that the program's files cannot express.
   *
   * @throws InputException with what to do instead
   */
  void require(ExportRequest request);

  /** Differences between the program and the model for some texts, one sentence each. */
  default List<String> remarks(ExportRequest request) {
    return List.of();
  }

  /** Approximate size of the written weights in bytes. */
  default long bytes(ExportRequest request) {
    return Math.round(request.model().graph().parameterCount() * request.type().bits() / Byte.SIZE);
  }

  /** Writes all files of the program into {@code folder}, which exists and is empty. */
  void write(ExportRequest request, Path folder) throws IOException;

  /**
   * Reads the files that {@link #write} has written, without using any other information about the
   * model.
   */
  Readback read(ExportRequest request, Path folder);

  /** The call that loads the folder DIR in the program, for a model card. */
  String loading(ExportRequest request);

  /** Hugging Face's name of the library that loads it, if there is one. */
  default Optional<String> library() {
    return Optional.empty();
  }

  /**
   * The number type of this name; the default if none is given.
   *
   * @throws InputException if the program does not read this type
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
