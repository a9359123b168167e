package io.lorashear.cli;

import ai.djl.Device;
import io.lorashear.settings.Overrides;
import io.lorashear.torch.PrecisionChoice;
import io.lorashear.torch.compile.Precision;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --precision}, for commands that run a model here. */
public final class PrecisionOption {
  @Option(
      names = "--precision",
      paramLabel = "auto|float32|tf32|bfloat16",
      description =
          "Number type of the model; auto is bfloat16 on a GPU, float32 on a CPU; tf32 is float32"
              + " with a GPU's TF32 products. Without it, stages use the type in their settings.")
  @Nullable PrecisionChoice precision;

  /** The precision for inference; auto by default. */
  Precision on(Device device) {
    return Objects.requireNonNullElse(precision, PrecisionChoice.AUTO).on(device);
  }

  /** The precision for a command that compares figures; float32 by default. */
  Precision wideOn(Device device) {
    return Objects.requireNonNullElse(precision, PrecisionChoice.FLOAT32).on(device);
  }

  /**
   * An override of a stage's setting, if the option was given.
   *
   * @param setting its name, for example "train.precision"
   */
  Overrides in(String setting) {
    if (precision == null) {
      return Overrides.none();
    }
    var word = precision.name().toLowerCase(Locale.ROOT);
    return Overrides.by("--precision " + word, List.of(setting + "=" + word));
  }
}
