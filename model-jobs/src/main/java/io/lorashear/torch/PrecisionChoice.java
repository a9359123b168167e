package io.lorashear.torch;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.torch.compile.Precision;

/** The precision requested for running a model. */
public enum PrecisionChoice {
  /** bfloat16 on a GPU, which has units for it; float32 on a CPU. */
  AUTO,
  FLOAT32,
  /** float32, with matrix products on a GPU's TF32 units. */
  TF32,
  BFLOAT16;

  /**
   * The precision that this choice means on {@code device}.
   *
   * @throws InputException if the device does not support it
   */
  public Precision on(Device device) {
    return on(device.isGpu());
  }

  /**
   * The precision that this choice means on a GPU, or on a CPU.
   *
   * @throws InputException if that does not support it
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
