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
      paramLabel = "auto|float32|bfloat16",
      description =
          "Number type of the model; auto is bfloat16 on a GPU, float32 on a CPU. A stage that"
              + " trains takes its settings' where this is not given.")
  @Nullable PrecisionChoice precision;

  /** For a model that only runs; auto where nothing was given. */
  Precision on(Device device) {
    return Objects.requireNonNullElse(precision, PrecisionChoice.AUTO).on(device);
  }

  /** For a stage that trains: in the place of its settings', where it was given. */
  Overrides training(DeviceOption device) {
    return precision == null
        ? Overrides.none()
        : Overrides.by(
            "--precision " + precision.name().toLowerCase(Locale.ROOT),
            List.of("train.precision=" + precision.on(device.device())));
  }
}
