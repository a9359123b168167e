package io.lorashear.torch;

import ai.djl.Device;
import io.lorashear.torch.compile.Precision;

/** The numbers that a model is to be run in, where nothing learns. */
public enum PrecisionChoice {
  /** bfloat16 on a GPU, which has units for it; float32 on a CPU. */
  AUTO,
  FLOAT32,
  BFLOAT16;

  /** What it is on {@code device}. */
  public Precision on(Device device) {
    return switch (this) {
      case AUTO -> device.isGpu() ? Precision.BFLOAT16 : Precision.FLOAT32;
      case FLOAT32 -> Precision.FLOAT32;
      case BFLOAT16 -> Precision.BFLOAT16;
    };
  }
}
