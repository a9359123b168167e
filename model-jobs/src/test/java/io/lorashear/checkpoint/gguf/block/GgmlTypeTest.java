package io.lorashear.checkpoint.gguf.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.HalfPrecision;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GgmlTypeTest {

  private static float[] decoded(GgmlType type, ByteBuffer block) {
    var numbers = new float[type.blockElements()];
    Objects.requireNonNull(type.blocks()).decode(block, numbers, 0);
    return numbers;
  }

  /**
   * What the Python package gguf 0.17.1 makes of a block of bytes (37·i + 11) mod 256, its factors
   * set to 0.375 and −1.25: three numbers, and the sum of all, each times its place from 1 on.
   */
  @ParameterizedTest
  @CsvSource({
    "Q4_0, 0, -1.125, -0.375, 0.0, -194.25",
    "Q4_1, 0, 4.375, -0.875, 3.25, 833.625",
    "Q5_0, 0, 3.375, -1.875, 0.375, 42.0",
    "Q5_1, 0, 5.875, 6.625, 0.625, 2302.875",
    "Q8_0, 0, 31.875, -21.375, -18.0, -3030.0",
    "Q2_K, 80, 12.375, 18.0, 6.0, 423765.25",
    "Q3_K, 108, 30.375, 4.5, 15.75, 66429.375",
    "Q4_K, 0, 191.625, 137.75, 68.5, 4207487.0",
    "Q5_K, 0, 377.625, 383.75, 91.0, 7377965.0",
    "Q6_K, 208, -536.625, 697.5, -22.5, 294157.5",
  })
  void aBlockGivesWhatAnotherReaderMakesOfIt(
      GgmlType type, int factors, float first, float third, float last, double weighed) {
    var block = ByteBuffer.allocate(type.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < block.capacity(); i++) {
      block.put(i, (byte) (37 * i + 11));
    }
    block.putShort(factors, HalfPrecision.fromFloat(0.375f));
    boolean second = type.name().endsWith("_1") || type.name().matches("Q[245]_K");
    if (second) {
      block.putShort(factors + 2, HalfPrecision.fromFloat(-1.25f));
    }
    var numbers = decoded(type, block);
    assertThat(numbers[0]).isEqualTo(first);
    assertThat(numbers[numbers.length / 3]).isEqualTo(third);
    assertThat(numbers[numbers.length - 1]).isEqualTo(last);
    double sum = 0;
    for (int i = 0; i < numbers.length; i++) {
      sum += (i + 1.0) * numbers[i];
    }
    assertThat(sum).isEqualTo(weighed);
    assertThat(block.position()).isEqualTo(type.blockBytes());
  }

  @Property(tries = 200)
  void randomBlocksAreWalkedThroughAsTheDrawingsSay(@ForAll Random random) {
    for (var type : GgmlType.values()) {
      if (type.blocks() != null) {
        var bytes = new byte[type.blockBytes()];
        random.nextBytes(bytes);
        var block = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(decoded(type, block)).as(type.name()).isEqualTo(BlockWalk.of(type, bytes));
      }
    }
  }
}
