package io.lorashear.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CastTensorsTest {
  private static final long[] FOUR = {4};

  private static CastTensors cast(DataType type, float... values) {
    var source = new InMemoryTensors().put("w", values, values.length);
    return new CastTensors(source, List.of("w"), type);
  }

  @Test
  void tiesGoToTheEvenNumberAndAreCounted() {
    // bfloat16 has 8 binary digits: 1 + 2⁻⁸ and 1 + 3·2⁻⁸ lie half way between two
    var cast = cast(DataType.BF16, 1, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f, -1 - 0x1p-8f - 0x1p-20f);
    assertThat(cast.floats("w")).containsExactly(1, 1, 1 + 0x1p-6f, -1 - 0x1p-7f);
    assertThat(cast.rounded()).isEqualTo(3);
    assertThat(cast.zeroed()).isZero();
    assertThat(cast.report().toString())
        .isEqualTo("{\"types\":{\"bfloat16\":4},\"rounded\":3,\"becameZero\":0}");
  }

  @Test
  void whatBecomesZeroIsCounted() {
    var cast = cast(DataType.F16, 0, -0f, 0x1p-26f, 0x1p-24f);
    assertThat(cast.floats("w")).containsExactly(0, -0f, 0, 0x1p-24f);
    assertThat(cast.rounded()).isEqualTo(1);
    assertThat(cast.zeroed()).isEqualTo(1);
  }

  @Test
  void whatATypeCannotHoldIsRefusedByName() {
    assertThatThrownBy(() -> cast(DataType.F16, 1, 65504, 65519, -65520).floats("w"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the weight w holds -65520.0, which is too large for float16 (at most 65504.0): choose"
                + " float32 or bfloat16");
    var endless = cast(DataType.F16, Float.POSITIVE_INFINITY, Float.NaN);
    assertThat(endless.floats("w")).containsExactly(Float.POSITIVE_INFINITY, Float.NaN);
    assertThat(endless.rounded()).isZero();
  }

  @Test
  void eachWeightKeepsItsTypeAndANewOneHasThatOfMost() {
    var read =
        new InMemoryTensors(
            Map.of(
                new TensorInfo("norm", DataType.F32, new long[] {2}), ByteBuffer.allocate(8),
                new TensorInfo("w", DataType.BF16, FOUR), ByteBuffer.allocate(8)));
    var result =
        new InMemoryTensors()
            .put("norm", new float[2], 2)
            .put("w", new float[4], 4)
            .put("bias", new float[4], 4);
    var kept = OutputType.KEEP.of(result, read).tensors();
    assertThat(kept.get("norm").type()).isEqualTo(DataType.F32);
    assertThat(kept.get("w").type()).isEqualTo(DataType.BF16);
    assertThat(kept.get("bias").type()).isEqualTo(DataType.BF16);
    var half = OutputType.FLOAT16.of(result, read).tensors();
    assertThat(half.values()).allMatch(info -> info.type() == DataType.F16);
    assertThat(OutputType.KEEP.bytes(read)).isEqualTo(16);
    assertThat(OutputType.FLOAT32.bytes(read)).isEqualTo(24);
  }
}
