package io.lorashear.torch;

/**
 * Where the float32 weights (the originals) of a model lie that computes in bfloat16 on a GPU. Its
 * copies for the computation are on the GPU in any case.
 *
 * <pre>
 *   auto    on the device  ⇔  (4 + 2)·weights ≤ 2/3·memory        bytes
 * </pre>
 *
 * On a CPU, or where the computation is in float32, there is one place only.
 */
public enum Originals {
  /** On the device where originals and copies together take at most two thirds of its memory. */
  AUTO,
  /** On the device: nothing that changes crosses the bus; 4 bytes a weight more of its memory. */
  DEVICE,
  /** In the host's memory: less of the device's; what changes is copied to the device. */
  HOST;

  private static final double SHARE = 2.0 / 3;
  private static final int BYTES = 4 + 2; // float32 and its bfloat16 copy

  /**
   * {@link #DEVICE} or {@link #HOST}.
   *
   * @param weights of the model, numbers
   * @param memory of the device, bytes
   */
  public Originals of(long weights, long memory) {
    if (this != AUTO) {
      return this;
    }
    return (double) BYTES * weights <= SHARE * memory ? DEVICE : HOST;
  }
}
