package io.lorashear.lora;

/**
 * One composed operator: {@code y = W x + s·B(A x)}.
 *
 * @param weight name of W (out, in)
 * @param a name of A (rank, in)
 * @param b name of B (out, rank)
 * @param scale s
 */
public record LoraBinding(String weight, String a, String b, double scale) {}
