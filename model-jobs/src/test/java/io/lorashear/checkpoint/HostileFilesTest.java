package io.lorashear.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.adapter.LoraPair;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.checkpoint.gguf.Gguf;
import io.lorashear.checkpoint.gguf.GgufBytes;
import io.lorashear.checkpoint.safetensors.Safetensors;
import io.lorashear.checkpoint.safetensors.SafetensorsWriter;
import io.lorashear.checkpoint.safetensors.ShardedTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files as nobody should make them. Whatever stands in one, it is read, or refused in a sentence
 * that names it; and little memory is taken on the way.
 */
class HostileFilesTest {
  private static final long MOST_MEMORY = 64 << 20;
  private static final Duration SLOWEST = Duration.ofSeconds(1);

  private static final List<Object> LIES =
      List.of(
          0,
          1,
          2,
          3,
          5,
          8,
          -1,
          1 << 30,
          Integer.MAX_VALUE,
          0f,
          -1f,
          1e38f,
          Float.NaN,
          "",
          "llama",
          "gemma2",
          true,
          List.of(),
          List.of(0),
          List.of(-1, 7),
          List.of("a", "a"),
          List.of(""),
          List.of("a b c", " ", "b"),
          List.of(Float.NaN, 1f),
          List.of(List.of(1)));

  @TempDir Path folder;

  /** How a file came out: read, or refused. */
  private static boolean reads(Path file, Function<Path, TensorSource> opening) {
    long memory = ThreadCost.allocated();
    var start = ThreadCost.time();
    boolean read;
    try (var source = opening.apply(file)) {
      for (var info : source.tensors().values()) {
        if (info.type().isFloating()) {
          source.floats(info.name());
        }
      }
      read = true;
    } catch (InputException refused) {
      assertThat(refused).hasMessageContaining(file.toString());
      read = false;
    }
    assertThat(ThreadCost.allocated() - memory).isLessThan(MOST_MEMORY);
    assertThat(ThreadCost.time().minus(start)).isLessThan(SLOWEST);
    return read;
  }

  private static TensorSource everythingOf(Path file) {
    var gguf = Gguf.open(file);
    gguf.config();
    gguf.tokenizer();
    gguf.tokenizerConfig();
    return gguf;
  }

  /** A file of its own for each: cutting one that was mapped many times takes long. */
  private boolean reads(byte[] bytes, int seed, Function<Path, TensorSource> opening)
      throws IOException {
    var file = Files.write(folder.resolve("seed-" + seed), bytes);
    try {
      return reads(file, opening);
    } catch (Throwable e) {
      throw new AssertionError("seed " + seed, e);
    } finally {
      Files.delete(file);
    }
  }

  private void damaged(List<byte[]> wholes, int count, Function<Path, TensorSource> opening)
      throws IOException {
    int refused = 0;
    for (int seed = 0; seed < count; seed++) {
      var bytes = new Damage(new Random(seed)).of(wholes.get(seed % wholes.size()));
      refused += reads(bytes, seed, opening) ? 0 : 1;
    }
    assertThat(refused).isGreaterThan(count / 3);
  }

  private byte[] safetensors() throws IOException {
    var file = folder.resolve("whole.safetensors");
    var source =
        new InMemoryTensors()
            .put("model.embed_tokens.weight", new float[24], 6, 4)
            .put("model.norm.weight", new float[4], 4)
            .put(new TensorInfo("half", DataType.F16, new long[] {3, 5}), ByteBuffer.allocate(30))
            .put(new TensorInfo("brain", DataType.BF16, new long[] {7}), ByteBuffer.allocate(14))
            .put(new TensorInfo("whole", DataType.I64, new long[] {2}), ByteBuffer.allocate(16));
    SafetensorsWriter.write(file, source);
    return Files.readAllBytes(file);
  }

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void damagedSafetensorsAreReadOrRefused() throws IOException {
    damaged(List.of(safetensors()), 5_000, Safetensors::open);
  }

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void damagedGgufFilesAreReadOrRefused() throws IOException {
    var wholes =
        List.of(
            GgufBytes.llama().bytes(),
            GgufBytes.gpt2().bytes(),
            GgufBytes.gptNeox().bytes(),
            GgufBytes.mixtral().bytes(),
            GgufBytes.sentencePiece().bytes());
    damaged(wholes, 5_000, HostileFilesTest::everythingOf);
  }

  /** Files that are GGUF to the last byte, and lie about the model. */
  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void ggufFilesThatLieAreReadOrRefused() throws IOException {
    List<Supplier<GgufBytes>> kinds =
        List.of(
            GgufBytes::llama,
            GgufBytes::gpt2,
            GgufBytes::gptNeox,
            GgufBytes::mixtral,
            GgufBytes::sentencePiece);
    int refused = 0;
    for (int seed = 0; seed < 3_000; seed++) {
      var random = new Random(seed);
      var content = kinds.get(seed % kinds.size()).get();
      for (int i = random.nextInt(2); i < 2; i++) {
        lie(content, random);
      }
      refused += reads(content.bytes(), seed, HostileFilesTest::everythingOf) ? 0 : 1;
    }
    assertThat(refused).isBetween(1_000, 2_900);
  }

  private static void lie(GgufBytes content, Random random) {
    if (random.nextInt(3) > 0) {
      content.with(any(content.keys(), random), any(LIES, random));
      return;
    }
    var extents = random.longs(random.nextInt(5), 0, 25).toArray();
    int type = any(List.of(0, 1, 2, 8, 10, 14, 30, 77), random);
    content.tensor(any(content.names(), random), type, new byte[random.nextInt(900)], extents);
  }

  private static <T> T any(List<T> values, Random random) {
    return values.get(random.nextInt(values.size()));
  }

  @Test
  void damagedModelsAreOpenedOrRefused() throws IOException {
    var cache = folder.resolve("cache");
    damaged(
        List.of(GgufBytes.llama().bytes()), 400, file -> Checkpoint.open(file, cache).tensors());
  }

  /** An index and an adapter's configuration, beside tensors that are whole. */
  @Test
  void damagedJsonIsReadOrRefused() throws IOException {
    var weights = new InMemoryTensors().put("a", new float[6], 3, 2).put("b", new float[4], 4);
    SafetensorsWriter.write(folder.resolve("one.safetensors"), weights);
    var index = folder.resolve("model.safetensors.index.json");
    Files.writeString(
        index,
        """
        {"metadata": {"total_size": 40},
         "weight_map": {"a": "one.safetensors", "b": "one.safetensors"}}
        """);
    damagedInPlace(index, () -> ShardedTensors.open(index).close());

    var pair = new LoraPair("model.layers.0.mlp.up_proj", 2, 0.5);
    var matrices =
        new InMemoryTensors().put(pair.a(), new float[6], 2, 3).put(pair.b(), new float[10], 5, 2);
    new PeftAdapter(List.of(pair), matrices).write(folder, "base");
    damagedInPlace(folder.resolve("adapter_config.json"), () -> PeftAdapter.open(folder).close());
  }

  private void damagedInPlace(Path file, Runnable opening) throws IOException {
    var whole = Files.readAllBytes(file);
    int refused = 0;
    for (int seed = 0; seed < 500; seed++) {
      Files.write(file, new Damage(new Random(seed)).of(whole));
      try {
        opening.run();
      } catch (InputException e) {
        assertThat(e).as("seed " + seed).hasMessageContaining(folder.toString());
        refused++;
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertThat(refused).isGreaterThan(250);
  }

  @Test
  void aConfigurationAsLargeAsAModelIsRefused() throws IOException {
    var file = folder.resolve("config.json");
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {'}'}), 12_999_999_999L);
    }
    assertThatThrownBy(() -> JsonFile.read(file))
        .isInstanceOf(InputException.class)
        .hasMessage("%s has 13000000000 bytes: JSON beside a model has at most 100000000", file);
  }

  /** Headers that are JSON, of the right fields, and wrong in what they say. */
  @Property(tries = 1000)
  void headersThatLieAreReadOrRefused(@ForAll("headers") String header, @ForAll byte[] data)
      throws IOException {
    var text = header.getBytes(StandardCharsets.UTF_8);
    var bytes = ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text).put(data);
    var file = Files.createTempFile("header", ".safetensors");
    try {
      Files.write(file, bytes.array());
      reads(file, Safetensors::open);
    } finally {
      Files.delete(file);
    }
  }

  @Provide
  Arbitrary<String> headers() {
    var numbers =
        Arbitraries.of(
            "0",
            "1",
            "2",
            "3",
            "4",
            "8",
            "-1",
            "1.5",
            "1e3",
            "null",
            "[]",
            "\"4\"",
            "4611686018427387904",
            "9223372036854775807",
            "99999999999999999999");
    var lists = numbers.list().ofMaxSize(4).map(values -> "[" + String.join(",", values) + "]");
    var types = Arbitraries.of("\"F32\"", "\"F16\"", "\"BOOL\"", "\"F8\"", "3", "null");
    var entry =
        Combinators.combine(types, lists, lists)
            .as("{\"dtype\":%s,\"shape\":%s,\"data_offsets\":%s}"::formatted);
    var values =
        Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(6, entry), net.jqwik.api.Tuple.of(1, lists));
    var names = Arbitraries.of("a", "b", "__metadata__", "", "\\u0000", "a b");
    return Combinators.combine(names, values)
        .as("\"%s\":%s"::formatted)
        .list()
        .ofMaxSize(5)
        .map(entries -> "{" + String.join(",", entries) + "}");
  }

  @Test
  void aHeaderOfManyBracketsIsRefused() throws IOException {
    var text = ("{\"a\":" + "[".repeat(200_000)).getBytes(StandardCharsets.UTF_8);
    var bytes = ByteBuffer.allocate(8 + text.length).order(ByteOrder.LITTLE_ENDIAN);
    var file = Files.write(folder.resolve("deep"), bytes.putLong(text.length).put(text).array());
    assertThat(reads(file, Safetensors::open)).isFalse();
  }

  @Test
  void arraysInArraysInAnArrayAreRefused() throws IOException {
    Object nested = List.of(1);
    for (int i = 0; i < 1000; i++) {
      nested = List.of(nested);
    }
    var file = GgufBytes.llama().with("deep", nested).write(folder.resolve("deep"));
    assertThat(reads(file, Gguf::open)).isFalse();
  }
}
