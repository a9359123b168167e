package io.lorashear.spark.job;

import ai.djl.Device;
import io.lorashear.cli.DeviceOption;
import io.lorashear.cli.RecipeOption;
import io.lorashear.cli.SetOption;
import io.lorashear.cli.TensorBoardOption;
import io.lorashear.prune.Recipe;
import io.lorashear.run.Progress;
import io.lorashear.settings.Overrides;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options that the commands of many stages have in common. */
final class LineOptions {
  @Mixin RecipeOption recipe = new RecipeOption();
  @Mixin DeviceOption device = new DeviceOption();

  @Parameters(
      paramLabel = "FILE",
      description = "Settings of all stages; see conf/pipeline and conf/schedule.")
  Path file = Path.of("");

  @Mixin SetOption set = new SetOption();

  @Option(
      names = "--dry-run",
      description = "Checks all settings; prints which stages are done and which would run.")
  boolean dryRun;

  @Mixin TensorBoardOption tensorboard = new TensorBoardOption();

  Device device() {
    return device.device();
  }

  /** Progress on the console, with the event files if wanted. */
  Progress progress() {
    return tensorboard.progress(Progress.console());
  }

  /** Overrides of the file: the recipe's settings, and above them those of the command line. */
  Overrides settings(Function<Recipe, List<String>> part) {
    return recipe.settings(part).and(set.overrides());
  }
}
