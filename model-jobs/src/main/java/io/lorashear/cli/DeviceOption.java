package io.lorashear.cli;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.lorashear.InputException;
import picocli.CommandLine.Option;

/** {@code --device}, for every command that runs a model. */
public final class DeviceOption {
  /** Where tensors lie. */
  enum Place {
    cpu,
    gpu,
    auto
  }

  @Option(
      names = "--device",
      paramLabel = "cpu|gpu|auto",
      defaultValue = "auto",
      description = "Where the model runs (${DEFAULT-VALUE}: on a GPU where there is one).")
  Place place = Place.auto;

  /** The word given: cpu, gpu or auto. */
  String word() {
    return place.name();
  }

  /** The device asked for. */
  public Device device() {
    if (place == Place.cpu) {
      return Device.cpu();
    }
    boolean found = Engine.getEngine("PyTorch").getGpuCount() > 0;
    if (place == Place.gpu && !found) {
      throw new InputException(
          "--device is gpu, but PyTorch finds none: give cpu or auto, or install a PyTorch with CUDA"
              + " and name its folder in PYTORCH_LIBRARY_PATH");
    }
    return found ? Device.gpu() : Device.cpu();
  }
}
