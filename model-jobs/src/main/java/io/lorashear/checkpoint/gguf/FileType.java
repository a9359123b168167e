package io.lorashear.checkpoint.gguf;

import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.block.GgmlType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * llama.cpp's type of a file: the type of most of its weights; S and M differ in which weights get
 * more bits. {@link TensorTypes} has the rules.
 */
public enum FileType {
  F32(0, GgmlType.F32),
  F16(1, GgmlType.F16),
  BF16(32, GgmlType.BF16),
  Q8_0(7, GgmlType.Q8_0),
  Q6_K(18, GgmlType.Q6_K),
  Q5_K_M(17, GgmlType.Q5_K),
  Q5_K_S(16, GgmlType.Q5_K),
  Q5_1(9, GgmlType.Q5_1),
  Q5_0(8, GgmlType.Q5_0),
  Q4_K_M(15, GgmlType.Q4_K),
  Q4_K_S(14, GgmlType.Q4_K),
  Q4_1(3, GgmlType.Q4_1),
  Q4_0(2, GgmlType.Q4_0);

  private final int id;
  private final GgmlType most;

  FileType(int id, GgmlType most) {
    this.id = id;
    this.most = most;
  }

  /**
   * The type of that name in lower or upper case; as in llama.cpp, q4_k and q5_k mean their M
   * variants.
   *
   * @throws InputException if there is none
   */
  public static FileType named(String name) {
    var upper = name.toUpperCase(Locale.ROOT);
    var full = upper.equals("Q4_K") || upper.equals("Q5_K") ? upper + "_M" : upper;
    return Arrays.stream(values())
        .filter(type -> type.name().equals(full))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "there is no type of a GGUF file called %s here: choose one of %s",
                    name,
                    Arrays.stream(values())
                        .map(type -> type.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "))));
  }

  /** The value of general.file_type. */
  public int id() {
    return id;
  }

  /** The type of most weights. */
  public GgmlType most() {
    return most;
  }

  boolean isQuantised() {
    return most.blocks() != null;
  }
}
