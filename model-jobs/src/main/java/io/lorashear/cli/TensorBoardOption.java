package io.lorashear.cli;

import io.lorashear.run.Progress;
import picocli.CommandLine.Option;

/** {@code --tensorboard}, for every command that trains. */
public final class TensorBoardOption {
  @Option(
      names = "--tensorboard",
      description =
          "Also writes TensorBoard's event files: in NAME.tensorboard beside the output NAME of a"
              + " stage that trains.")
  boolean wanted;

  /** Whether the option was given. */
  public boolean wanted() {
    return wanted;
  }

  /** {@code shown}, with event files if the option was given. */
  public Progress progress(Progress shown) {
    return wanted ? shown.withEvents() : shown;
  }
}
