package io.lorashear.device;

import ai.djl.Device;
import java.io.Serializable;

/**
 * Where a model runs, in which number format, and with which PyTorch.
 *
 * @param device "cpu", or the GPU's name with its number
 * @param numbers number format, for example float32
 * @param torch PyTorch's version and where it comes from
 */
public record Running(String device, String numbers, String torch) implements Serializable {

  /** On a device of this process. */
  public static Running of(Device device, String numbers) {
    var torch = PyTorch.ofProcess();
    return new Running(
        device.isGpu() ? gpu(torch, device.getDeviceId()) : "cpu",
        numbers,
        "PyTorch %s of %s".formatted(torch.version(), torch.origin()));
  }

  private static String gpu(PyTorch torch, int number) {
    var gpus = torch.driver().gpus();
    return number < gpus.size()
        ? "%s (gpu %d)".formatted(gpus.get(number).name(), number)
        : "gpu " + number;
  }

  /** As a readable phrase. */
  public String text() {
    return "on %s in %s, by %s".formatted(device, numbers, torch);
  }
}
