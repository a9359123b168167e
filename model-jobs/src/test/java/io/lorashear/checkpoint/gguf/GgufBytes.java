package io.lorashear.checkpoint.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes small GGUF files, right or wrong, by the format's description. */
public final class GgufBytes {
  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final List<Tensor> tensors = new ArrayList<>();
  int version = 3;

  @SuppressWarnings("ArrayRecordComponent")
  private record Tensor(String name, int type, long[] extents, byte[] content, long length) {}

  /** Metadata of a LLaMA of one layer: 8 wide, 2 heads of 4 on 1, 8 channels, 4 tokens. */
  public static GgufBytes llama() {
    var file =
        new GgufBytes()
            .with("general.architecture", "llama")
            .with("llama.block_count", 1)
            .with("llama.context_length", 16)
            .with("llama.embedding_length", 8)
            .with("llama.feed_forward_length", 8)
            .with("llama.attention.head_count", 2)
            .with("llama.attention.head_count_kv", 1)
            .with("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .with("tokenizer.ggml.model", "gpt2")
            .with("tokenizer.ggml.pre", "gpt-2")
            .with("tokenizer.ggml.tokens", List.of("a", "b", "ab", "<end>"))
            .with("tokenizer.ggml.token_type", List.of(1, 1, 1, 3))
            .with("tokenizer.ggml.merges", List.of("a b"))
            .with("tokenizer.ggml.eos_token_id", 3);
    file.counting("token_embd.weight", 8, 4);
    file.counting("output_norm.weight", 8);
    for (var name : List.of("attn_norm", "ffn_norm")) {
      file.counting("blk.0." + name + ".weight", 8);
    }
    for (var name : List.of("attn_q", "attn_output", "ffn_gate", "ffn_up", "ffn_down")) {
      file.counting("blk.0." + name + ".weight", 8, 8);
    }
    for (var name : List.of("attn_k", "attn_v")) {
      file.counting("blk.0." + name + ".weight", 8, 4);
    }
    return file;
  }

  public GgufBytes with(String key, Object value) {
    metadata.put(key, value);
    return this;
  }

  public GgufBytes without(String key) {
    metadata.remove(key);
    tensors.removeIf(tensor -> tensor.name().equals(key));
    return this;
  }

  /** {@link #llama} with a vocabulary of pieces and scores. */
  public static GgufBytes sentencePiece() {
    return llama()
        .with("tokenizer.ggml.model", "llama")
        .with("tokenizer.ggml.tokens", List.of("<unk>", "<0x41>", "a", "aa"))
        .with("tokenizer.ggml.scores", List.of(0f, 0f, -1f, -2f))
        .with("tokenizer.ggml.token_type", List.of(2, 6, 1, 1))
        .with("llama.rope.scaling.type", "linear")
        .with("llama.rope.scaling.factor", 2f)
        .with("general.alignment", 32);
  }

  /** {@link #llama} with three experts, of which two are used. */
  public static GgufBytes mixtral() {
    var file = llama().with("llama.expert_count", 3).with("llama.expert_used_count", 2);
    file.counting("blk.0.ffn_gate_inp.weight", 8, 3);
    for (var kind : List.of("gate", "down", "up")) {
      file.without("blk.0.ffn_" + kind + ".weight");
      file.counting("blk.0.ffn_" + kind + "_exps.weight", 8, 8, 3);
    }
    return file;
  }

  /** A GPT-2 of one layer: 8 wide, 2 heads, 8 channels, 4 tokens. */
  public static GgufBytes gpt2() {
    var file = other("gpt2");
    file.counting("position_embd.weight", 8, 16);
    file.counting("output.weight", 8, 4);
    return file;
  }

  /** The same as GPT-NeoX. */
  public static GgufBytes gptNeox() {
    return other("gptneox").with("gptneox.rope.dimension_count", 2);
  }

  private static GgufBytes other(String architecture) {
    var file = new GgufBytes();
    llama()
        .metadata
        .forEach((key, value) -> file.with(key.replaceFirst("^llama", architecture), value));
    file.with("general.architecture", architecture);
    file.with(architecture + ".attention.layer_norm_epsilon", 1e-5f);
    file.counting("token_embd.weight", 8, 4);
    file.counting("output_norm.weight", 8).counting("output_norm.bias", 8);
    for (var name : List.of("attn_norm", "ffn_norm")) {
      file.counting("blk.0." + name + ".weight", 8).counting("blk.0." + name + ".bias", 8);
    }
    for (var name : List.of("attn_output", "ffn_up", "ffn_down")) {
      file.counting("blk.0." + name + ".weight", 8, 8).counting("blk.0." + name + ".bias", 8);
    }
    return file.counting("blk.0.attn_qkv.weight", 8, 24).counting("blk.0.attn_qkv.bias", 24);
  }

  /** Neither metadata nor tensors. */
  public GgufBytes withoutAnything() {
    metadata.clear();
    tensors.clear();
    return this;
  }

  /** Names of the metadata. */
  public List<String> keys() {
    return List.copyOf(metadata.keySet());
  }

  /** Names of the tensors. */
  public List<String> names() {
    return tensors.stream().map(Tensor::name).toList();
  }

  /** An F32 tensor of the numbers 0, 1, 2 …; extents fastest first. */
  public GgufBytes counting(String name, long... extents) {
    int count = 1;
    for (long extent : extents) {
      count *= (int) extent;
    }
    var content = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      content.putFloat(i);
    }
    return tensor(name, 0, content.array(), extents);
  }

  public GgufBytes tensor(String name, int type, byte[] content, long... extents) {
    without(name);
    tensors.add(new Tensor(name, type, extents, content, content.length));
    return this;
  }

  /** An F32 tensor; extents slowest first, as in Hugging Face. */
  public GgufBytes floats(String name, float[] values, long... extents) {
    var content = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      content.putFloat(value);
    }
    var fastestFirst = new long[extents.length];
    for (int i = 0; i < extents.length; i++) {
      fastestFirst[i] = extents[extents.length - 1 - i];
    }
    return tensor(name, 0, content.array(), fastestFirst);
  }

  /** A tensor of {@code length} zeros that {@link #writeSparse} does not put on the disk. */
  public GgufBytes hole(String name, int type, long length, long... extents) {
    without(name);
    tensors.add(new Tensor(name, type, extents, new byte[0], length));
    return this;
  }

  /** Writes the head alone and sets the file's size; gives where the data begin. */
  public long writeSparse(Path file) {
    var head = head();
    long end = 0;
    for (var tensor : tensors) {
      end += tensor.length() + Math.floorMod(-tensor.length(), 32L);
    }
    try (var out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(head.toByteArray());
      out.setLength(head.size() + end);
      return head.size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path write(Path file) {
    try {
      return Files.write(file, bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public byte[] bytes() {
    var out = head();
    for (var tensor : tensors) {
      out.writeBytes(tensor.content());
      pad(out);
    }
    return out.toByteArray();
  }

  private ByteArrayOutputStream head() {
    var out = new ByteArrayOutputStream();
    out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    int32(out, version);
    int64(out, tensors.size());
    int64(out, metadata.size());
    metadata.forEach(
        (key, value) -> {
          string(out, key);
          int32(out, type(value));
          value(out, value);
        });
    long offset = 0;
    for (var tensor : tensors) {
      string(out, tensor.name());
      int32(out, tensor.extents().length);
      for (long extent : tensor.extents()) {
        int64(out, extent);
      }
      int32(out, tensor.type());
      int64(out, offset);
      offset += tensor.length() + Math.floorMod(-tensor.length(), 32L);
    }
    pad(out);
    return out;
  }

  private static int type(Object value) {
    return value instanceof Integer
        ? 5
        : value instanceof Float
            ? 6
            : value instanceof Boolean ? 7 : value instanceof String ? 8 : 9;
  }

  private static void value(ByteArrayOutputStream out, Object value) {
    if (value instanceof Integer number) {
      int32(out, number);
    } else if (value instanceof Float number) {
      int32(out, Float.floatToRawIntBits(number));
    } else if (value instanceof Boolean flag) {
      out.write(flag ? 1 : 0);
    } else if (value instanceof String text) {
      string(out, text);
    } else {
      var values = (List<?>) value;
      int32(out, values.isEmpty() ? 8 : type(values.get(0)));
      int64(out, values.size());
      values.forEach(each -> value(out, each));
    }
  }

  private static void string(ByteArrayOutputStream out, String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    int64(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void int32(ByteArrayOutputStream out, int value) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  private static void int64(ByteArrayOutputStream out, long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  private static void pad(ByteArrayOutputStream out) {
    while (out.size() % 32 != 0) {
      out.write(0);
    }
  }
}
