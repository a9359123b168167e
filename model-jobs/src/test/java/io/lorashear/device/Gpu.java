package io.lorashear.device;

import ai.djl.Device;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;

/** The GPU of tests tagged {@code gpu}. */
public final class Gpu {
  private static final AtomicBoolean TOLD = new AtomicBoolean();

  private Gpu() {}

  /** The first; where there is none, the asking test is skipped and one line says why. */
  public static Device first() {
    var without = PyTorch.ofProcess().withoutGpu();
    if (without.isEmpty()) {
      return Device.gpu();
    }
    var reason = "There is no GPU: " + without.get();
    if (TOLD.compareAndSet(false, true)) {
      System.out.println(reason + "; tests tagged gpu are skipped");
    }
    return Assumptions.abort(reason);
  }
}
