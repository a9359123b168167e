package io.lorashear.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DataTypeTest {

  private static float decoded(DataType type, int bits) {
    var bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bits).flip();
    var value = new float[1];
    type.decode(bytes, value, 0, 1);
    return value[0];
  }

  private static int encoded(DataType type, float value) {
    var bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    type.encode(new float[] {value}, 0, 1, bytes);
    return bytes.getInt(0);
  }

  @Test
  void everyHalfHasTheValueOfItsFields() {
    for (int bits = 0; bits < 0x7c00; bits++) {
      int exponent = bits >> 10;
      double fraction = (bits & 1023) / 1024.0 + (exponent == 0 ? 0 : 1);
      double value = fraction * Math.pow(2, Math.max(exponent, 1) - 15);
      assertThat((double) decoded(DataType.F16, bits)).isEqualTo(value);
      assertThat((double) decoded(DataType.F16, bits | 0x8000)).isEqualTo(-value);
      assertThat(encoded(DataType.F16, (float) value)).isEqualTo(bits);
    }
    assertThat(decoded(DataType.F16, 0x7c00)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(decoded(DataType.F16, 0x7c01)).isNaN();
    assertThat(encoded(DataType.F16, 65520f)).isEqualTo(0x7c00);
    assertThat(encoded(DataType.F16, Float.NaN)).isEqualTo(0x7e00);
  }

  /** No neighbour is nearer; on a tie the last bit is even. */
  @Property
  void narrowingTakesTheNearest(@ForAll float value) {
    for (var type : new DataType[] {DataType.F16, DataType.BF16}) {
      int bits = encoded(type, value);
      double here = decoded(type, bits);
      if (Double.isInfinite(here)) {
        continue;
      }
      var gap = distance(here, value);
      for (int step : new int[] {-1, 1}) {
        double there = decoded(type, bits + step & 0xffff);
        if (!Double.isNaN(there) && !Double.isInfinite(there)) {
          int order = gap.compareTo(distance(there, value));
          assertThat(order < 0 || order == 0 && bits % 2 == 0 || here == there).isTrue();
        }
      }
    }
  }

  private static BigDecimal distance(double a, double b) {
    return new BigDecimal(a).subtract(new BigDecimal(b)).abs();
  }

  @Test
  void wholeNumbersAreNotTakenForFloating() {
    assertThatThrownBy(() -> decoded(DataType.I32, 1)).hasMessage("I32 is not a floating type");
  }
}
