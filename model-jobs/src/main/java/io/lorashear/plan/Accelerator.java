package io.lorashear.plan;

import java.util.List;

/**
 * A device as its maker describes it.
 *
 * @param memory bytes
 * @param float32 operations per second of its matrix products in float32, without TF32, which
 *     PyTorch does not use unless told to
 * @param bfloat16 the same in bfloat16
 * @param bandwidth of its memory, bytes per second
 */
public record Accelerator(
    String name, long memory, double float32, double bfloat16, double bandwidth) {
  private static final long GB = 1_000_000_000;

  /** NVIDIA A100 SXM4, from its data sheet of 2021. */
  public static final List<Accelerator> A100 =
      List.of(
          new Accelerator("A100 40 GB", 40 * GB, 19.5e12, 312e12, 1.555e12),
          new Accelerator("A100 80 GB", 80 * GB, 19.5e12, 312e12, 2.039e12));
}
