package io.lorashear.cli;

import ai.djl.Device;
import io.lorashear.device.Place;
import picocli.CommandLine.Option;

/** {@code --device}, for every command that runs a model. */
public final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "cpu|gpu|auto",
      defaultValue = "auto",
      description = "Where the model runs (${DEFAULT-VALUE}: on a GPU where there is one).")
  Place place = Place.AUTO;

  /** What was asked for. */
  Place place() {
    return place;
  }

  /**
   * The device asked for.
   *
   * @throws io.lorashear.InputException if it is to be a GPU and none can be used
   */
  public Device device() {
    return place.device("--device");
  }
}
