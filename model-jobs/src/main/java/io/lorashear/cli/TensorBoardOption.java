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

  /** Whether it was given. */
  public boolean wanted() {
    return wanted;
  }

  /** Shows the same. */
  public Progress progress(Progress shown) {
    return wanted ? shown.withEvents() : shown;
  }
}
