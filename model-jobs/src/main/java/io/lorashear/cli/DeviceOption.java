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
      description = "Where the model runs (${DEFAULT-VALUE}: on a GPU if there is one).")
  Place place = Place.AUTO;

  /** The requested place. */
  Place place() {
    return place;
  }

  /**
   * The requested device.
   *
   * @throws io.lorashear.InputException if a GPU is requested and none can be used
   */
  public Device device() {
    return place.device("--device");
  }
}
