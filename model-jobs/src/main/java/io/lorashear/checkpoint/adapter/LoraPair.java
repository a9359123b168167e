package io.lorashear.checkpoint.adapter;

/**
 * One adapted weight, W + scale·BA.
 *
 * @param module the weight's name without its last part: {@code model.layers.0.mlp.up_proj}
 * @param rank rows of A and columns of B
 * @param scale factor of BA
 */
public record LoraPair(String module, int rank, double scale) {

  /** Name of A, (rank, in). */
  public String a() {
    return module + ".lora_A.weight";
  }

  /** Name of B, (out, rank). */
  public String b() {
    return module + ".lora_B.weight";
  }

  /** Name of W, (out, in). */
  public String weight() {
    return module + ".weight";
  }
}
