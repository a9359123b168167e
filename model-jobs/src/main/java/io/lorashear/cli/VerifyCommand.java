package io.lorashear.cli;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.verify.Expectation;
import io.lorashear.verify.Measurement;
import io.lorashear.verify.Verification;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lorashear verify}: compares a model's figures with those of another program. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Compares logits, loss, gradient norms and the number of parameters with figures that another"
          + " program computed for the same model, one line for each. If one differs, the exit code"
          + " is 1.",
      "With --write: writes such a file."
    },
    footer = {
      "",
      "Examples:",
      "  lorashear verify models/smollm2 --expected expected.json",
      "  lorashear verify runs/pruned --write pruned.json",
      "  lorashear verify exported.gguf --expected pruned.json --tolerance 0.01 --json report.json"
    })
public final class VerifyCommand implements Callable<Integer> {
  @Spec CommandSpec spec = CommandSpec.create();
  @Mixin DeviceOption device = new DeviceOption();
  @Mixin PrecisionOption precision = new PrecisionOption();

  @Parameters(paramLabel = "CHECKPOINT", description = "Hugging Face directory or GGUF file.")
  Path checkpoint = Path.of("");

  @Option(
      names = "--expected",
      paramLabel = "FILE",
      description =
          "JSON with ids and any of logits_last, logits_last_cached, logits_sum_per_position,"
              + " loss_next_token_mean, gradient_norms, parameters.")
  @Nullable Path expected;

  @Option(
      names = "--write",
      paramLabel = "FILE",
      description = "Writes what the model computes here, for the expected ids or for random ones.")
  @Nullable Path write;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the comparison as JSON too.")
  @Nullable Path json;

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      defaultValue = "1e-4",
      description = "Largest allowed difference of a logit, and of the loss (${DEFAULT-VALUE}).")
  double tolerance = 1e-4;

  @Option(
      names = "--gradient-tolerance",
      paramLabel = "T",
      defaultValue = "1e-3",
      description = "Largest allowed relative difference of a gradient's norm (${DEFAULT-VALUE}).")
  double gradientTolerance = 1e-3;

  @Option(
      names = "--no-gradients",
      description = "Skips gradients, which take as much memory as the weights.")
  boolean noGradients;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the random ids of --write without --expected (${DEFAULT-VALUE}).")
  long seed = 1;

  @Override
  public Integer call() {
    if (!(tolerance >= 0) || !(gradientTolerance >= 0)) {
      throw new InputException(
          "--tolerance is %s and --gradient-tolerance is %s: give differences of 0 or more",
          tolerance, gradientTolerance);
    }
    if (expected == null && write == null) {
      throw new InputException(
          "give --expected FILE to compare with, or --write FILE to make such a file");
    }
    var wanted = expected == null ? null : Expectation.read(expected);
    var ours = measure(wanted);
    if (write != null) {
      JsonFile.write(write, ours.toJson());
    }
    return wanted == null ? 0 : compare(ours, noGradients ? wanted.withoutGradients() : wanted);
  }

  private Expectation measure(@Nullable Expectation wanted) {
    try (var model = Checkpoint.open(checkpoint)) {
      var ids = wanted == null ? Measurement.ids(model, seed) : wanted.ids();
      boolean asked = write != null || (wanted != null && !wanted.gradientNorms().isEmpty());
      boolean cached = wanted != null && !wanted.logitsCached().isEmpty();
      var place = device.device();
      var numbers = precision.wideOn(place);
      return Measurement.of(model, ids, cached, asked && !noGradients, place, numbers);
    }
  }

  private int compare(Expectation ours, Expectation wanted) {
    var verification = Verification.of(ours, wanted, tolerance, gradientTolerance);
    if (json != null) {
      JsonFile.write(json, verification.toJson());
    }
    var out = spec.commandLine().getOut();
    out.print(verification.table());
    out.flush();
    return verification.agrees() ? 0 : Failures.FAILED;
  }
}
