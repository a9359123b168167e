package io.lorashear.lora;

/**
 * One composed operator: {@code y = W x + s·B(A x)}, or, masked, {@code (W + s·(B A)∘[W ≠ 0]) x}.
 *
 * @param weight name of W (out, in)
 * @param a name of A (rank, in)
 * @param b name of B (out, rank)
 * @param scale s
 * @param masked whether the product is set to zero where W is zero
 */
public record LoraBinding(String weight, String a, String b, double scale, boolean masked) {
  /** A pair that is not masked. */
  public LoraBinding(String weight, String a, String b, double scale) {
    this(weight, a, b, scale, false);
  }
}
