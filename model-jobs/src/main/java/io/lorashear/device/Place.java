package io.lorashear.device;

import ai.djl.Device;
import io.lorashear.InputException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Where tensors are to lie. */
public enum Place {
  CPU,
  GPU,
  /** On a GPU where there is one. */
  AUTO;

  private static final AtomicBoolean TOLD = new AtomicBoolean();

  /**
   * The device on this machine. Where {@link #AUTO} ends on the CPU though there is a GPU, or a
   * PyTorch for one was named, the error stream says why, once.
   *
   * @param setting what chose it, for the message
   * @throws InputException if it is to be a GPU and there is none
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
