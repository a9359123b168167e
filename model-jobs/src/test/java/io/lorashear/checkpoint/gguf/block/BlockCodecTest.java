package io.lorashear.checkpoint.gguf.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockCodecTest {

  private static ByteBuffer encoded(GgmlType type, float[] numbers) {
    int bytes = numbers.length / type.blockElements() * type.blockBytes();
    var target = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    type.encode(numbers, 0, numbers.length, target);
    assertThat(target.hasRemaining()).isFalse();
    return target.flip();
  }

  private static float[] decoded(GgmlType type, ByteBuffer blocks) {
    var numbers = new float[blocks.remaining() / type.blockBytes() * type.blockElements()];
    for (int i = 0; i < numbers.length; i += type.blockElements()) {
      Objects.requireNonNull(type.blocks()).decode(blocks, numbers, i);
    }
    return numbers;
  }

  /** 32 numbers that begin with these; the others are zero. */
  private static float[] block(float... first) {
    return Arrays.copyOf(first, 32);
  }

  private static void gives(GgmlType type, float[] numbers, String hex) {
    assertThat(HexFormat.of().formatHex(encoded(type, numbers).array()))
        .isEqualTo(hex.replace(" ", ""));
  }

  /** Scales are 0.5, −0.5 or 0.25, offsets −1: the numbers of a block can be divided by hand. */
  @Test
  void blocksByHand() {
    // d = 4/−8 = −0.5: 4 is 0, −1 is 10, 0 is 8
    gives(GgmlType.Q4_0, block(4, -1), "00b8 808a" + " 88".repeat(14));
    // m = −1, d = 7.5/15 = 0.5: 6.5 is 15, −1 is 0, 0 is 2
    gives(GgmlType.Q4_1, block(6.5f, -1), "0038 00bc 2f20" + " 22".repeat(14));
    // d = 8/−16 = −0.5: 8 is 0, −1 is 18 (high bit, 2), 0 is 16 (high bit, 0)
    gives(GgmlType.Q5_0, block(8, -1), "00b8 feffffff 0002" + " 00".repeat(14));
    // m = −1, d = 7.75/31 = 0.25: 6.75 is 31 (high bit, 15), −1 is 0, 0 is 4
    gives(GgmlType.Q5_1, block(6.75f, -1), "0034 00bc 01000000 4f40" + " 44".repeat(14));
    // d = 63.5/127 = 0.5: 63.5 is 127, −1 is −2, ±0.25 is a half, away from zero
    gives(GgmlType.Q8_0, block(63.5f, -1, 0.25f, -0.25f), "0038 7ffe01ff" + " 00".repeat(28));
  }

  @Test
  void zerosStayZeros() {
    for (var type : GgmlType.values()) {
      if (type.isWritten() && type.blocks() != null) {
        var numbers = decoded(type, encoded(type, new float[type.blockElements()]));
        for (float number : numbers) {
          assertThat(number).as(type.name()).isZero();
        }
      }
    }
  }

  @Test
  void whatIsOnlyReadIsNotWritten() {
    assertThat(GgmlType.Q8_K.isWritten()).isFalse();
    assertThatThrownBy(() -> GgmlType.Q8_K.encode(new float[256], 0, 256, ByteBuffer.allocate(292)))
        .hasMessage("Q8_K is only read");
  }

  /**
   * No number is off by more than half a step, plus what rounding d and m to halves adds: 2^−11 of
   * the largest number, or where halves have no smaller ones, 2^−25 for each of up to 127 steps.
   */
  @Property(tries = 500)
  void numbersAreOffByHalfAStep(@ForAll Random random) {
    var numbers = numbers(random, 32);
    float least = Extremes.least(numbers, 0, 32);
    float greatest = Extremes.greatest(numbers, 0, 32);
    float farthest = Math.max(Math.abs(least), Math.abs(greatest));
    near(GgmlType.Q8_0, numbers, farthest / 127 / 2, farthest);
    near(GgmlType.Q4_1, numbers, (greatest - least) / 15 / 2, greatest - least + farthest);
    near(GgmlType.Q5_1, numbers, (greatest - least) / 31 / 2, greatest - least + farthest);
    // the end opposite of the farthest number has no code for a whole step
    near(GgmlType.Q4_0, numbers, farthest / 8, farthest);
    near(GgmlType.Q5_0, numbers, farthest / 16, farthest);
  }

  /**
   * A super-block's groups share two factors, and what errs least as a whole may cut off an end: no
   * number is off by more than two steps of the widest group.
   */
  @Property(tries = 500)
  void numbersOfSuperBlocksAreOffByTwoStepsAtMost(@ForAll Random random) {
    var numbers = numbers(random, 256);
    float widest = 0;
    for (int g = 0; g < 256; g += 32) {
      float least = Math.min(0, Extremes.least(numbers, g, 32));
      widest = Math.max(widest, Extremes.greatest(numbers, g, 32) - least);
    }
    float farthest = Math.abs(Extremes.farthest(numbers, 0, 256));
    near(GgmlType.Q4_K, numbers, widest / 15 * 2, farthest);
    near(GgmlType.Q5_K, numbers, widest / 31 * 2, farthest);
    near(GgmlType.Q6_K, numbers, farthest / 32 * 2, farthest);
  }

  /** Root mean square errors of llama.cpp's own quantiser on a million Gaussian numbers. */
  @ParameterizedTest
  @CsvSource({"Q4_K, 0.07135", "Q5_K, 0.03612", "Q6_K, 0.01773"})
  void gaussianNumbersAreAsNearAsInLlamaCpp(GgmlType type, double llamaCpp) {
    var random = new Random(11);
    var numbers = new float[256 * 400];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    assertThat(error(type, numbers)).isBetween(0.9 * llamaCpp, 1.01 * llamaCpp);
  }

  /** Numbers of one sign, and groups a thousandth as large as their neighbours. */
  @Property(tries = 50)
  void aScaleAndOffsetThatFitErrLessThanTheOutermostNumbers(@ForAll Random random) {
    var numbers = new float[256 * 16];
    for (int g = 0; g < numbers.length; g += 32) {
      var group = numbers(random, 32);
      System.arraycopy(group, 0, numbers, g, 32);
    }
    double squares = 0;
    for (int start = 0; start < numbers.length; start += 256) {
      squares += outermost(numbers, start);
    }
    assertThat(error(GgmlType.Q4_K, numbers)).isLessThan(Math.sqrt(squares / numbers.length));
  }

  /** What is left where Q4_K's scales and offsets follow from the least and greatest number. */
  private static double outermost(float[] numbers, int start) {
    var s = new double[8];
    var m = new double[8];
    for (int g = 0; g < 8; g++) {
      m[g] = -Math.min(0, Extremes.least(numbers, start + 32 * g, 32));
      s[g] = (Extremes.greatest(numbers, start + 32 * g, 32) + m[g]) / 15;
    }
    double d = Arrays.stream(s).max().orElseThrow() / 63;
    double e = Arrays.stream(m).max().orElseThrow() / 63;
    double squares = 0;
    for (int j = 0; j < 256; j++) {
      double scale = d * Math.rint(s[j / 32] / d);
      double least = e == 0 ? 0 : e * Math.rint(m[j / 32] / e);
      double x = numbers[start + j];
      double code = scale == 0 ? 0 : Math.max(0, Math.min(15, Math.rint((x + least) / scale)));
      squares += Math.pow(scale * code - least - x, 2);
    }
    return squares;
  }

  /**
   * Numbers so small that their factors are halves of few bits, or none: what is lost is at most
   * half of the smallest half, as often as scale and code multiply it.
   */
  @Test
  void numbersAtTheEndOfAHalfsRangeStayBounded() {
    for (var type : List.of(GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K)) {
      for (int power = -40; power < -10; power++) {
        float unit = (float) Math.pow(2, power);
        var numbers = new float[256];
        for (int j = 0; j < 256; j++) {
          numbers[j] = unit * (j % 37 - 12);
        }
        near(type, numbers, 3 * unit + 128 * 32 * 0x1p-25f, 0);
      }
    }
  }

  private static double error(GgmlType type, float[] numbers) {
    var back = decoded(type, encoded(type, numbers));
    double squares = 0;
    for (int i = 0; i < numbers.length; i++) {
      squares += Math.pow((double) back[i] - numbers[i], 2);
    }
    return Math.sqrt(squares / numbers.length);
  }

  private static void near(GgmlType type, float[] numbers, float bound, float rounded) {
    var back = decoded(type, encoded(type, numbers));
    for (int i = 0; i < numbers.length; i++) {
      assertThat(Math.abs(back[i] - numbers[i]))
          .as("%s of %s", type, numbers[i])
          .isLessThanOrEqualTo(bound + rounded * 0x1p-11f + 0x1p-18f);
    }
  }

  /** Of any size from 2^−10 to 2^10, with an offset or without. */
  private static float[] numbers(Random random, int count) {
    double size = Math.pow(2, 20 * random.nextDouble() - 10);
    double offset = random.nextBoolean() ? 0 : 3 * random.nextGaussian();
    var numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (size * (random.nextGaussian() + offset));
    }
    return numbers;
  }
}
