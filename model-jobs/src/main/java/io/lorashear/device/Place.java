package io.lorashear.device;

import ai.djl.Device;
import io.lorashear.InputException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** The device that tensors are to be placed on. */
public enum Place {
  CPU,
  GPU,
  /** A GPU if there is one, else the CPU. */
  AUTO;

  private static final AtomicBoolean TOLD = new AtomicBoolean();

  /**
   * The device on this machine. If {@link #AUTO} selects the CPU although there is a GPU or a
   * PyTorch for GPUs was named, the reason is printed to the error stream, once.
   *
   * @param setting the setting that chose it, for the message
   * @throws InputException if this is {@link #GPU} and no GPU can be used
   */
  public Device device(String setting) {
    if (this == CPU) {
      return Device.cpu();
    }
    var torch = PyTorch.ofProcess();
    var without = torch.withoutGpu();
    if (without.isEmpty()) {
      return Device.gpu();
    }
    if (this == GPU) {
      throw new InputException(
          "%s is gpu, but no GPU can be used: %s; or give cpu. lorashear doctor tells more",
          setting, without.get());
    }
    note(torch, without)
        .filter(text -> TOLD.compareAndSet(false, true))
        .ifPresent(System.err::println);
    return Device.cpu();
  }

  private static Optional<String> note(PyTorch torch, Optional<String> without) {
    return without
        .filter(reason -> torch.hasPartOfGpu())
        .map(reason -> "no GPU is used: " + reason);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
