package io.lorashear.checkpoint.gguf.block;

import io.lorashear.InputException;
import io.lorashear.checkpoint.DataType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Number types of GGUF that can be read; most can also be written. A further quantised type needs a
 * class and a line here.
 */
public enum GgmlType {
  F32(0, DataType.F32),
  F16(1, DataType.F16),
  BF16(30, DataType.BF16),
  Q4_0(2, new Q40()),
  Q4_1(3, new Q41()),
  Q5_0(6, new Q50()),
  Q5_1(7, new Q51()),
  Q8_0(8, new Q80()),
  Q2_K(10, new Q2K()),
  Q3_K(11, new Q3K()),
  Q4_K(12, new Q4K()),
  Q5_K(13, new Q5K()),
  Q6_K(14, new Q6K()),
  Q8_K(15, new Q8K());

  private static final Map<Integer, String> OTHERS =
      Map.ofEntries(
          Map.entry(9, "Q8_1"),
          Map.entry(16, "IQ2_XXS"),
          Map.entry(17, "IQ2_XS"),
          Map.entry(18, "IQ3_XXS"),
          Map.entry(19, "IQ1_S"),
          Map.entry(20, "IQ4_NL"),
          Map.entry(21, "IQ3_S"),
          Map.entry(22, "IQ2_S"),
          Map.entry(23, "IQ4_XS"),
          Map.entry(24, "I8"),
          Map.entry(25, "I16"),
          Map.entry(26, "I32"),
          Map.entry(27, "I64"),
          Map.entry(28, "F64"),
          Map.entry(29, "IQ1_M"),
          Map.entry(34, "TQ1_0"),
          Map.entry(35, "TQ2_0"),
          Map.entry(39, "MXFP4"));

  private static final float LARGEST_HALF = 65504;
  private static final float LARGEST_BRAIN = 0x1.fep127f;

  private final int id;
  private final DataType readAs;
  private final @Nullable BlockFormat blocks;

  GgmlType(int id, DataType plain) {
    this.id = id;
    this.readAs = plain;
    this.blocks = null;
  }

  GgmlType(int id, BlockFormat blocks) {
    this.id = id;
    this.readAs = DataType.F32;
    this.blocks = blocks;
  }

  /**
   * The type with GGUF's number {@code id}.
   *
   * @throws InputException if the type is not supported
   */
  public static GgmlType of(int id, Path file, String tensor) {
    return Arrays.stream(values())
        .filter(type -> type.id == id)
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "%s: tensor %s has the type %s, which is not read here; use a file in %s",
                    file,
                    tensor,
                    OTHERS.getOrDefault(id, "number " + id),
                    Arrays.stream(values()).map(GgmlType::name).collect(Collectors.joining(", "))));
  }

  /** GGUF's number of the type. */
  public int id() {
    return id;
  }

  /** The type that tensors have after reading: F32 for quantised ones. */
  public DataType readAs() {
    return readAs;
  }

  /** The block layout; null if numbers are stored plainly one after the other. */
  public @Nullable BlockFormat blocks() {
    return blocks;
  }

  /** Numbers in a block; 1 for types without blocks. */
  public int blockElements() {
    return blocks == null ? 1 : blocks.elements();
  }

  /** Bytes of a block, or of one number. */
  public int blockBytes() {
    return blocks == null ? readAs.bytes() : blocks.bytes();
  }

  /** Whether tensors can be written in this type. */
  public boolean isWritten() {
    return blocks == null || blocks instanceof BlockCodec;
  }

  /**
   * The largest magnitude that can be written: for BF16 the largest that does not round to
   * infinity, for the others except F32 that of a half, the type of the blocks' scales.
   */
  public float largest() {
    return switch (this) {
      case F32 -> Float.MAX_VALUE;
      case BF16 -> LARGEST_BRAIN;
      default -> LARGEST_HALF;
    };
  }

  /**
   * Writes {@code count} numbers from {@code start} on, in whole blocks, at {@code target}'s
   * position.
   *
   * @param numbers finite, none above {@link #largest} in magnitude
   * @param target little-endian; its position moves to the end of the written bytes
   * @throws IllegalStateException unless the type {@linkplain #isWritten is written}
   */
  public void encode(float[] numbers, int start, int count, ByteBuffer target) {
    if (blocks == null) {
      readAs.encode(numbers, start, count, target);
    } else if (blocks instanceof BlockCodec codec) {
      for (int i = start; i < start + count; i += codec.elements()) {
        codec.encode(numbers, i, target);
      }
    } else {
      throw new IllegalStateException(this + " is only read");
    }
  }
}
