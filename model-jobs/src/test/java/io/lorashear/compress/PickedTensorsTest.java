package io.lorashear.compress;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.PickedTensors.Pick;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PickedTensorsTest {
  private static final String NAME = "w";

  /** How often it is read: of a model on a device each time is a native call. */
  private static final class Counted implements TensorSource {
    private final TensorSource all;
    private int reads;

    Counted(TensorSource all) {
      this.all = all;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
      return all.tensors();
    }

    @Override
    public void read(String name, long byteOffset, ByteBuffer target) {
      reads++;
      all.read(name, byteOffset, target);
    }

    @Override
    public void close() {}
  }

  private static InMemoryTensors matrix(DataType type, int rows, int columns, Random random) {
    var content = ByteBuffer.allocate(rows * columns * type.bytes());
    random.nextBytes(content.array());
    return new InMemoryTensors(
        Map.of(new TensorInfo(NAME, type, new long[] {rows, columns}), content));
  }

  private static PickedTensors picked(TensorSource source, int[] rows, int[] columns) {
    var pick = new Pick(rows, columns, new long[] {rows.length, columns.length}, 1, 0);
    return new PickedTensors(source, Map.of(NAME, pick), Map.of(), Set.of());
  }

  private static int[] positions(Random random, int size) {
    var kept = random.ints(random.nextInt(1, 2 * size), -1, size).toArray(); // repeated, disordered
    return random.nextBoolean() ? kept : IntStream.of(kept).sorted().distinct().toArray();
  }

  @Property(tries = 200)
  void everyByteIsThatOfItsRowAndColumn(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 9) int size, @ForAll DataType type) {
    int width = type.bytes();
    var source = matrix(type, size, 7, random);
    var rows = positions(random, size);
    var columns = positions(random, 7);
    var whole = ByteBuffer.allocate(size * 7 * width);
    source.read(NAME, 0, whole);
    var expected = new byte[rows.length * columns.length * width];
    for (int i = 0; i < expected.length; i++) {
      int row = rows[i / width / columns.length];
      int column = columns[i / width % columns.length];
      boolean zero = row == PickedTensors.ZERO || column == PickedTensors.ZERO;
      expected[i] = zero ? 0 : whole.get((row * 7 + column) * width + i % width);
    }
    int from = random.nextInt(expected.length);
    var part = ByteBuffer.allocate(random.nextInt(expected.length - from) + 1);
    picked(source, rows, columns).read(NAME, from, part);
    assertThat(part.array()).isEqualTo(Arrays.copyOfRange(expected, from, from + part.capacity()));
  }

  @Test
  void aMatrixIsReadInPiecesAndNotInRows() {
    var source = new Counted(matrix(DataType.F32, 4096, 512, new Random(1))); // 8 MiB
    var rows = IntStream.range(0, 4096).filter(row -> row % 5 != 2).toArray();
    var columns = IntStream.range(0, 512).filter(column -> column % 4 != 1).toArray();
    var all = ByteBuffer.allocate(rows.length * columns.length * Float.BYTES);
    picked(source, rows, columns).read(NAME, 0, all);
    assertThat(source.reads).isLessThanOrEqualTo(3);
  }
}
