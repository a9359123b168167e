package io.lorashear.export;

import io.lorashear.checkpoint.DataType;
import io.lorashear.verify.Rounding;
import java.util.Locale;

/**
 * A number type that weights are written in.
 *
 * @param name value of {@code --type}
 * @param bits bits per weight, including its share of its block's scales
 * @param rounding how far weights and logits may differ from the model's
 */
public record WeightType(String name, double bits, Rounding rounding) {
  public static final WeightType F32 =
      new WeightType("f32", Float.SIZE, new Rounding(0, 0, 0, 1e-4));
  public static final WeightType F16 =
      new WeightType("f16", Short.SIZE, new Rounding(0x1p-11, 0x1p-25, 0, 0.02));
  public static final WeightType BF16 =
      new WeightType("bf16", Short.SIZE, new Rounding(0x1p-8, 0, 0, 0.1));

  /** The stored type of an element, for types that store elements one by one. */
  DataType stored() {
    return DataType.valueOf(name.toUpperCase(Locale.ROOT));
  }
}
