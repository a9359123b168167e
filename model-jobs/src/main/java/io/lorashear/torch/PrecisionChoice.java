package io.lorashear.torch;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.torch.compile.Precision;

/** The numbers that a model is to be run in. */
public enum PrecisionChoice {
  /** bfloat16 on a GPU, which has units for it; float32 on a CPU. */
  AUTO,
  FLOAT32,
  /** float32, with products by a GPU's units for TF32. */
  TF32,
  BFLOAT16;

  /**
   * What it is on {@code device}.
   *
   * @throws InputException where the device cannot
   */
  public Precision on(Device device) {
    return on(device.isGpu());
  }

  /**
   * What it is on a GPU, or on a CPU.
   *
   * @throws InputException where that cannot
   */
  public Precision on(boolean gpu) {
    if (this == TF32 && !gpu) {
      throw new InputException(
          "precision is tf32, in which GPUs alone compute, and this runs on the CPU: give float32,"
              + " bfloat16 or auto");
    }
    return switch (this) {
      case AUTO -> gpu ? Precision.BFLOAT16 : Precision.FLOAT32;
      case FLOAT32 -> Precision.FLOAT32;
      case TF32 -> Precision.TF32;
      case BFLOAT16 -> Precision.BFLOAT16;
    };
  }
}
