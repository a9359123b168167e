package io.lorashear.export;

import io.lorashear.InputException;
import io.lorashear.settings.Nearest;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The programs that models are exported for, the default first. */
public final class Targets {
  /** All targets, one per line. */
  public static final List<Target> ALL =
      List.of(
          new HfExport("transformers"),
          new HfExport("vllm"),
          new HfExport("mlx"),
          new GgufExport(),
          new AdapterExport(),
          new TorchScriptExport(),
          new Sparse24Export());

  private Targets() {}

  /** The values of {@code --for}, in the order of {@link #ALL}. */
  public static List<String> programs() {
    return ALL.stream().map(Target::program).toList();
  }

  /** The values of {@code --format}. */
  public static List<String> forms() {
    return ALL.stream().map(Target::form).distinct().toList();
  }

  /**
   * The target for a program; else the first with the given form; else the default.
   *
   * @throws InputException if there is none, or if the program has a different form
   */
  public static Target of(Optional<String> program, Optional<String> form) {
    var all =
        ALL.stream().filter(target -> program.map(target.program()::equals).orElse(true)).toList();
    if (all.isEmpty()) {
      throw unknown("--for", program.orElseThrow(), programs());
    }
    return all.stream()
        .filter(target -> form.map(target.form()::equals).orElse(true))
        .findFirst()
        .orElseThrow(
            () ->
                program.isPresent() && forms().contains(form.orElseThrow())
                    ? new InputException(
                        "--for %s and --format %s do not go together: %s reads %s; leave --format"
                            + " out",
                        program.get(), form.get(), program.get(), all.get(0).form())
                    : unknown("--format", form.orElseThrow(), forms()));
  }

  private static InputException unknown(String option, String given, List<String> known) {
    return new InputException(
        "%s %s is not known: choose one of %s%s",
        option,
        given,
        known.stream().collect(Collectors.joining(", ")),
        Nearest.to(given, known).map(near -> "; did you mean " + near + "?").orElse(""));
  }
}
