package io.lorashear.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.gguf.block.GgmlType;
import io.lorashear.checkpoint.gguf.head.GgufHeader;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.checkpoint.gguf.head.MetadataValue;
import io.lorashear.run.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufWriterTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("model.gguf");
  }

  private void write(Map<String, MetadataValue> metadata, GgufTensor... tensors) {
    GgufWriter.write(file(), metadata, List.of(tensors), Progress.silent());
  }

  private static float[] gaussian(int count) {
    var random = new Random(5);
    var numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  private static float[] stored(MappedFile file, Entry entry) {
    var rows = new StoredRows(file, entry, entry.columns());
    int columns = (int) entry.columns();
    var row = new float[columns];
    var whole = new ArrayList<Float>();
    for (long i = 0;
        i < entry.bytes() * entry.type().blockElements() / entry.type().blockBytes() / columns;
        i++) {
      rows.numbers(i, 0, columns, row);
      for (float number : row) {
        whole.add(number);
      }
    }
    var numbers = new float[whole.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = whole.get(i);
    }
    return numbers;
  }

  /**
   * Rows of 96 so many that they are cut in several pieces; a vector whose end is no multiple of
   * 32.
   */
  @Test
  void tensorsComeBackInTheirOrder() {
    var source =
        new InMemoryTensors()
            .put("long", gaussian(96 * 6000), 6000, 96)
            .put("norm", gaussian(5), 5)
            .put("experts", gaussian(2 * 3 * 32), 2, 3, 32);
    write(
        Map.of("general.architecture", MetadataValue.text("llama")),
        GgufTensor.of("z", GgmlType.F32, source, "long"),
        GgufTensor.of("norm.weight", GgmlType.F32, source, "norm"),
        GgufTensor.of("a", GgmlType.F32, source, "experts"));
    try (var file = MappedFile.open(file())) {
      var entries = GgufHeader.read(file).entries();
      assertThat(entries).extracting(Entry::name).containsExactly("z", "norm.weight", "a");
      assertThat(entries.get(2).extents()).containsExactly(2, 3, 32);
      assertThat(stored(file, entries.get(0))).isEqualTo(source.floats("long"));
      assertThat(stored(file, entries.get(1))).isEqualTo(source.floats("norm"));
      assertThat(stored(file, entries.get(2))).isEqualTo(source.floats("experts"));
    }
  }

  @Test
  void theSameBytesTwice() throws IOException {
    var source = new InMemoryTensors().put("x", gaussian(64 * 20000), 20000, 64);
    write(Map.of(), GgufTensor.of("x", GgmlType.Q5_1, source, "x"));
    var first = Files.readAllBytes(file());
    write(Map.of(), GgufTensor.of("x", GgmlType.Q5_1, source, "x"));
    assertThat(Files.readAllBytes(file())).isEqualTo(first).hasSize(96 + 20000 * 48);
  }

  @Test
  void tensorsLieAtTheStatedAlignment() throws IOException {
    var source = new InMemoryTensors().put("x", gaussian(3), 3).put("y", gaussian(3), 3);
    write(
        Map.of("general.alignment", MetadataValue.uint32(128)),
        GgufTensor.of("x", GgmlType.F16, source, "x"),
        GgufTensor.of("y", GgmlType.F16, source, "y"));
    try (var file = MappedFile.open(file())) {
      var entries = GgufHeader.read(file).entries();
      assertThat(entries.get(0).start() % 128).isZero();
      assertThat(entries.get(1).start() - entries.get(0).start()).isEqualTo(128);
    }
    assertThat(Files.size(file()) % 128).isZero();
    assertThatThrownBy(() -> write(Map.of("general.alignment", MetadataValue.uint32(24))))
        .hasMessage("general.alignment is Whole[type=UINT32, number=24]");
  }

  @Test
  void whatIsNoNumberIsNamedWithItsPlace() {
    for (float number : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (var type : List.of(GgmlType.F32, GgmlType.BF16, GgmlType.Q8_0)) {
        var numbers = gaussian(64 * 9000);
        numbers[64 * 8000 + 7] = number;
        numbers[64 * 8999] = number;
        var source = new InMemoryTensors().put("x", numbers, 9000, 64);
        assertThatThrownBy(() -> write(Map.of(), GgufTensor.of("blk.0.x", type, source, "x")))
            .isInstanceOf(InputException.class)
            .hasMessage(
                "tensor blk.0.x has %s at row 8000, column 7: a model with such a weight gives no"
                        .formatted(number)
                    + " answers, so it is not written; go back to an earlier checkpoint");
      }
    }
  }

  @Test
  void whatWouldBecomeInfiniteIsRefused() {
    var source = new InMemoryTensors().put("x", new float[] {1, -65536, 3}, 3);
    assertThatThrownBy(() -> write(Map.of(), GgufTensor.of("x", GgmlType.F16, source, "x")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "tensor x has -65536.0 at row 0, column 1, above 65504.0, the largest that F16 is"
                + " written with: choose F32 or BF16");
  }

  @Test
  void tensorsThatGgmlWouldNotTakeAreRefused() {
    var source = new InMemoryTensors().put("x", gaussian(40), 40);
    assertThatThrownBy(() -> GgufTensor.of("x", GgmlType.Q8_0, source, "x"))
        .hasMessage("x has rows of 40, which are not written as Q8_0");
    assertThatThrownBy(() -> GgufTensor.of("x", GgmlType.Q8_K, source, "x"))
        .hasMessage("x has rows of 40, which are not written as Q8_K");
    assertThatThrownBy(() -> GgufTensor.of("n".repeat(64), GgmlType.F32, source, "x"))
        .hasMessage("'" + "n".repeat(64) + "' has 64 bytes");
    var twice = GgufTensor.of("x", GgmlType.F32, source, "x");
    assertThatThrownBy(() -> write(Map.of(), twice, twice)).hasMessage("x twice");
  }
}
