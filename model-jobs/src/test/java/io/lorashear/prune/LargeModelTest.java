package io.lorashear.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.cli.InspectCommand;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.method.PruneSettings;
import io.lorashear.run.Progress;
import io.lorashear.settings.Settings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A model of LLaMA-7B's shape on a machine that could not hold its weights in float32. */
@Tag("long")
class LargeModelTest {
  private static final String GATE = "model.layers.7.mlp.gate_proj.weight"; // (channels, hidden)
  private static final String DOWN = "model.layers.7.mlp.down_proj.weight"; // (hidden, channels)
  private static final int HIDDEN = 4096;
  private static final int CHANNELS = 11008;
  private static final long LARGEST = 2L * 32000 * HIDDEN; // bytes of the embedding

  @TempDir Path folder;

  private static ModelConfig llama() {
    var fields = JsonNodeFactory.instance.objectNode().put("model_type", "llama");
    fields.putArray("architectures").add("LlamaForCausalLM");
    fields.put("hidden_size", HIDDEN).put("num_hidden_layers", 32);
    fields.put("num_attention_heads", 32).put("intermediate_size", CHANNELS);
    fields.put("vocab_size", 32000).put("max_position_embeddings", 2048);
    fields.put("rms_norm_eps", 1e-6).put("tie_word_embeddings", false).put("hidden_act", "silu");
    fields.put("torch_dtype", "bfloat16");
    return ModelConfig.parse(fields, "LLaMA-7B");
  }

  /** Zeros that take no room; of one MLP, channel c has the bits c + 1 in gate and down. */
  private static void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    JsonFile.write(directory.resolve("config.json"), llama().fields());
    var header = JsonFile.object();
    var begins = new HashMap<String, Long>();
    long end = 0;
    for (var parameter : Family.of(llama()).trace(llama()).parameters().values()) {
      var info = new TensorInfo(parameter.name(), DataType.BF16, parameter.shape());
      begins.put(info.name(), end);
      var entry = header.putObject(info.name()).put("dtype", "BF16");
      var shape = entry.putArray("shape");
      for (long extent : info.shape()) {
        shape.add(extent);
      }
      entry.putArray("data_offsets").add(end).add(end + info.bytes());
      end += info.bytes();
    }
    var text = header.toString().getBytes(StandardCharsets.UTF_8);
    long start = Long.BYTES + text.length;
    try (var file = new RandomAccessFile(directory.resolve("model.safetensors").toFile(), "rw")) {
      file.write(
          ByteBuffer.allocate(Long.BYTES)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putLong(text.length)
              .array());
      file.write(text);
      file.setLength(start + end);
      var numbers = ByteBuffer.allocate(2 * CHANNELS).order(ByteOrder.LITTLE_ENDIAN);
      IntStream.range(0, CHANNELS).forEach(c -> numbers.putShort((short) (c + 1)));
      file.seek(start + begins.get(DOWN));
      file.write(numbers.array());
      for (int c = 0; c < CHANNELS; c++) {
        file.seek(start + begins.get(GATE) + 2L * HIDDEN * c);
        file.write(numbers.array(), 2 * c, 2);
      }
    }
  }

  /** The work, in a process of its own. */
  public static final class Work {
    public static void main(String[] args) {
      var given = List.of("checkpoint=" + args[0], "corpus=" + args[1], "output=" + args[2]);
      var all = new ArrayList<>(given);
      all.addAll(List.of("method=random", "ratio=0.2", "unprunable=0", "rows=1", "seed=3"));
      new CommandLine(new InspectCommand()).execute(args[0]);
      var settings = Settings.defaults(PruneSettings.class, all);
      PruneStage.run(settings, false, Device.cpu(), Progress.silent());
    }
  }

  /** Looks at the result, in another process: its hashes are compared and its weights read. */
  public static final class Reading {
    public static void main(String[] args) {
      try (var pruned = Checkpoint.open(Path.of(args[0]))) {
        var tensors = pruned.tensors().tensors().values();
        long largest = tensors.stream().mapToLong(TensorInfo::bytes).max().orElseThrow();
        assertThat(largest).isEqualTo(LARGEST);
        assertThat(tensors).allMatch(info -> info.type() == DataType.BF16);
        long parameters = pruned.graph().parameterCount();
        assertThat(parameters / 6_738_415_616.0).isBetween(0.799, 0.8);
        int channels = (int) pruned.tensors().tensor(GATE).shape()[0];
        var gate = pruned.tensors().floats(GATE);
        var down = pruned.tensors().floats(DOWN);
        assertThat(channels).isLessThan(CHANNELS);
        for (int c = 0; c < channels; c++) {
          int bits = Float.floatToRawIntBits(down[c]) >>> 16;
          assertThat(Float.floatToRawIntBits(gate[c * HIDDEN]) >>> 16).isEqualTo(bits);
          assertThat(bits).isBetween(c + 1, CHANNELS);
        }
      }
    }
  }

  private static Process started(Class<?> main, String... arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).inheritIO().start();
  }

  private record Used(double seconds, double processor, long anonymous) {}

  private static Used used(Process process) throws Exception {
    long began = System.nanoTime();
    long most = 0;
    double processor = 0;
    var status = Path.of("/proc", String.valueOf(process.pid()), "status");
    while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
      processor =
          process.info().totalCpuDuration().map(used -> used.toMillis() / 1e3).orElse(processor);
      for (var line : Files.readAllLines(status)) {
        if (line.startsWith("RssAnon:")) {
          most = Math.max(most, 1024 * Long.parseLong(line.replaceAll("\\D", "")));
        }
      }
    }
    return new Used((System.nanoTime() - began) / 1e9, processor, most);
  }

  @Test
  void itIsCutAndWrittenInTheMemoryOfTwoTensors() throws Exception {
    var model = folder.resolve("model");
    write(model);
    SmallCorpus.write(folder.resolve("corpus"));
    var process =
        started(
            Work.class,
            model.toString(),
            folder.resolve("corpus").toString(),
            folder.resolve("pruned").toString());
    var used = used(process);
    assertThat(process.exitValue()).isZero();
    System.out.printf(
        "LLaMA-7B's shape inspected, cut by a fifth and written: %.0f s, %.0f s of the processor,"
            + " %d MB that are no file's%n",
        used.seconds(), used.processor(), used.anonymous() / 1_000_000);

    assertThat(used.anonymous()).isLessThan(2 * LARGEST);
    assertThat(started(Reading.class, folder.resolve("pruned").toString()).waitFor()).isZero();
    try (var files = Files.list(folder.resolve("pruned"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .contains("model-00003-of-00003.safetensors", "model.safetensors.index.json")
          .doesNotContain("model.safetensors");
    }
  }
}
