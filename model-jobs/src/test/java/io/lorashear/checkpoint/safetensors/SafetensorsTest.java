package io.lorashear.checkpoint.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  private static final List<DataType> TYPES = List.of(DataType.values());

  @TempDir Path folder;

  private Path file(String header, int dataBytes) throws IOException {
    var text = header.getBytes(StandardCharsets.UTF_8);
    var content = ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    content.putLong(text.length).put(text);
    return Files.write(folder.resolve("model.safetensors"), content.array());
  }

  private void refuses(Path file, String message) {
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(InputException.class)
        .hasMessage(message.replace("FILE", file.toString()));
  }

  /** Single quotes stand for double ones. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | 4 |"
            + " FILE is truncated: tensor a ends at byte 8 of the data, which has 4; copy it again",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | 12 |"
            + " FILE has 4 bytes after its last tensor: it is damaged, copy it again",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | 4 |"
            + " FILE: tensor a takes 4 bytes, but F32 [2] needs 8",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "'b':{'dtype':'F32','shape':[1],'data_offsets':[2,6]}} | 6 |"
            + " FILE: tensor b begins at 2, but the tensors before it end at 4: they overlap",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | 8 |"
            + " FILE: tensor a begins at 4, but the tensors before it end at 0:"
            + " bytes between them belong to no tensor",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 4 |"
            + " FILE lists the tensor a twice",
        "{'a':{'dtype':'F8_E4M3','shape':[4],'data_offsets':[0,4]}} | 4 |"
            + " FILE: tensor a has the type 'F8_E4M3';"
            + " the types read here are F32, F16, BF16, I64, I32, I8, U8, BOOL."
            + " The checkpoint is quantised: take the model it was made from",
        "{'a':{'dtype':'F64','shape':[1],'data_offsets':[0,8]}} | 8 |"
            + " FILE: tensor a has the type 'F64';"
            + " the types read here are F32, F16, BF16, I64, I32, I8, U8, BOOL",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}} | 0 |"
            + " FILE: tensor a has the impossible shape [4294967296, 4294967296]",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}} | 4 |"
            + " FILE: tensor a has the shape [-1], not a list of whole numbers from 0 on",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,99999999999999999999]}} | 4 |"
            + " FILE: tensor a has the data_offsets [0,99999999999999999999],"
            + " not a list of whole numbers from 0 on",
        "{'a':{'dtype':'F32','shape':[1]}} | 4 |"
            + " FILE: tensor a has the data_offsets (missing),"
            + " not a list of whole numbers from 0 on",
        "{'a':{'dtype':'F32','shape':[0],'data_offsets':[4,0]}} | 4 |"
            + " FILE: tensor a has data_offsets [4, 0], not a begin and an end",
        "['a'] | 0 | FILE has a header that is not a JSON object",
        "{} {} | 0 | FILE has a header that goes on after its JSON object",
        "{'a':{'dtype':'F32','dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 4 |"
            + " FILE has a damaged header, at byte 28 of its JSON, in a",
      })
  void aHeaderThatContradictsItselfIsRefused(String header, int data, String message)
      throws IOException {
    refuses(file(header.replace('\'', '"'), data), message);
  }

  @Test
  void aHeaderThatBreaksOffIsRefused() throws IOException {
    var file = file("{\"a\":{\"dtype\":\"F32\"", 0);
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(InputException.class)
        .hasMessageMatching(
            ".*model\\.safetensors has a damaged header, at byte 1\\d of its JSON, in a");
  }

  @Test
  void aLengthBeyondTheFileIsNotBelieved() throws IOException {
    var file = folder.resolve("model.safetensors");
    Files.write(file, new byte[] {100, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
    refuses(
        file,
        "FILE is truncated: its header should have 100 bytes, the whole file has 10;"
            + " copy it again");
    Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'});
    refuses(
        file,
        "FILE names a header of 18446744073709551615 bytes, outside 2 to 100000000:"
            + " it is no safetensors file");
    Files.write(file, new byte[3]);
    refuses(file, "FILE has 3 bytes and is no safetensors file: copy it again");
  }

  @Test
  void aMissingFileIsSaidToBeMissing() {
    refuses(folder.resolve("nothing"), "FILE does not exist");
    refuses(folder, "FILE is not a file");
  }

  /** A sparse file: nothing of its 3 GiB is on the disk. */
  @Test
  void aTensorBeyondTwoGibibytesIsReadAtItsEnd() throws IOException {
    long length = 3L << 30;
    var header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]}}";
    var file = file(header.formatted(length, length), 0);
    try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long start = bytes.length();
      bytes.setLength(start + length);
      bytes.seek(start + length - 2);
      bytes.write(new byte[] {7, 9});
    }
    try (var source = Safetensors.open(file)) {
      var end = ByteBuffer.allocate(3);
      source.read("a", length - 3, end);
      assertThat(end.array()).containsExactly(0, 7, 9);
      assertThatThrownBy(() -> source.read("a", length - 2, end.clear()))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void aMissingTensorIsNamed() throws IOException {
    try (var source = Safetensors.open(file("{}", 0))) {
      assertThatThrownBy(() -> source.floats("model.norm.weight"))
          .isInstanceOf(InputException.class)
          .hasMessage("the model has no tensor model.norm.weight");
    }
  }

  @Property(tries = 100)
  void whatIsWrittenIsReadBack(@ForAll Random random, @ForAll @IntRange(max = 12) int count)
      throws IOException {
    var tensors = tensors(random, count);
    var file = Files.createTempFile("round", ".safetensors");
    try {
      SafetensorsWriter.write(file, source(tensors));
      try (var read = Safetensors.open(file)) {
        assertThat(read.tensors().values()).containsExactlyInAnyOrderElementsOf(infos(tensors));
        for (var tensor : tensors) {
          var content = ByteBuffer.allocate(tensor.content().length);
          read.read(tensor.info().name(), 0, content);
          assertThat(content.array()).isEqualTo(tensor.content());
        }
      }
      var bytes = Files.readAllBytes(file);
      Collections.shuffle(tensors, random);
      SafetensorsWriter.write(file, source(tensors));
      assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    } finally {
      Files.delete(file);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Tensor(TensorInfo info, byte[] content) {}

  private static List<Tensor> tensors(Random random, int count) {
    var tensors = new ArrayList<Tensor>();
    for (int i = 0; i < count; i++) {
      var shape = random.longs(random.nextInt(4), 0, 5).toArray();
      var type = TYPES.get(random.nextInt(TYPES.size()));
      var info = new TensorInfo("layer \"" + i + "\" é", type, shape);
      var content = new byte[(int) info.bytes()];
      random.nextBytes(content);
      tensors.add(new Tensor(info, content));
    }
    return tensors;
  }

  private static List<TensorInfo> infos(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::info).toList();
  }

  private static TensorSource source(List<Tensor> tensors) {
    var source = new InMemoryTensors();
    tensors.forEach(tensor -> source.put(tensor.info(), ByteBuffer.wrap(tensor.content())));
    return source;
  }

  @Test
  void tensorsLieAlignedForTheirType() throws IOException {
    var source =
        source(
            List.of(
                new Tensor(new TensorInfo("a", DataType.U8, new long[] {3}), new byte[3]),
                new Tensor(new TensorInfo("b", DataType.F32, new long[] {2}), new byte[8])));
    var file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(file, source);
    var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(bytes.getLong(0) % 8).isZero();
    assertThat(new String(Arrays.copyOfRange(bytes.array(), 8, 48), StandardCharsets.UTF_8))
        .startsWith("{\"__metadata__\":{\"format\":\"pt\"}");
    try (var read = Safetensors.open(file)) {
      assertThat(read.tensors().keySet()).containsExactly("b", "a");
    }
  }

  @Test
  void shardsAreReadUnderTheirIndex() throws IOException {
    SafetensorsWriter.write(folder.resolve("one.safetensors"), one("a", 1));
    SafetensorsWriter.write(folder.resolve("two.safetensors"), one("b", 2));
    try (var sharded =
        ShardedTensors.open(index("{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}"))) {
      assertThat(sharded.floats("a")).containsExactly(1);
      assertThat(sharded.floats("b")).containsExactly(2);
    }
    var lacking = index("{\"a\":\"two.safetensors\"}");
    assertThatThrownBy(() -> ShardedTensors.open(lacking))
        .hasMessage(
            "%s puts the tensor a into %s, which lacks it",
            lacking, folder.resolve("two.safetensors"));
  }

  @ParameterizedTest
  @CsvSource({
    "../out.safetensors",
    "/etc/passwd",
    "sub/../../out.safetensors",
    "sub/in",
    ".",
    "..",
    "''",
    "a\\\\b"
  })
  void aShardOutsideTheDirectoryIsRefused(String path) throws IOException {
    var index = index("{\"a\":\"%s\"}".formatted(path.replace("\\", "\\\\")));
    assertThatThrownBy(() -> ShardedTensors.open(index))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s puts the tensor a into \"%s\", which is not a file beside it: refused",
            index, path.replace("\\", "\\\\"));
  }

  private Path index(String weightMap) throws IOException {
    return Files.writeString(
        folder.resolve("model.safetensors.index.json"), "{\"weight_map\":" + weightMap + "}");
  }

  private static TensorSource one(String name, float value) {
    return new InMemoryTensors().put(name, new float[] {value}, 1);
  }
}
