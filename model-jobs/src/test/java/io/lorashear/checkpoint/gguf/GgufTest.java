package io.lorashear.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.ThreadCost;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("model.gguf");
  }

  private void refuses(GgufBytes content, String message) {
    refuses(content.bytes(), message);
  }

  private void refuses(byte[] content, String message) {
    try {
      Files.write(file(), content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertThatThrownBy(() -> Checkpoint.open(file(), folder))
        .isInstanceOf(InputException.class)
        .hasMessage(message.replace("FILE", file().toString()));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void theSmallestLlamaOpens(int version) {
    var content = GgufBytes.llama();
    content.version = version;
    try (var model = Checkpoint.open(content.write(file()), folder)) {
      assertThat(model.config().tiedEmbeddings()).isTrue();
      assertThat(model.tensors().floats("model.layers.0.mlp.up_proj.weight"))
          .startsWith(0, 1, 2)
          .hasSize(64);
      assertThat(model.tokenizer()).content().contains("\"<end>\"");
    }
  }

  @Test
  void rowsOfAHeadComeBackInTwoHalves() {
    try (var model = Gguf.open(GgufBytes.llama().write(file()))) {
      var q = model.floats("model.layers.0.self_attn.q_proj.weight");
      var rows = new int[8];
      for (int row = 0; row < 8; row++) {
        rows[row] = (int) q[row * 8] / 8;
      }
      assertThat(rows).containsExactly(0, 2, 1, 3, 4, 6, 5, 7);
    }
  }

  @Test
  void aBiasOfRotatedRowsIsReorderedToo() {
    var content = GgufBytes.llama().counting("blk.0.attn_k.bias", 4);
    try (var model = Gguf.open(content.write(file()))) {
      assertThat(model.floats("model.layers.0.self_attn.k_proj.bias")).containsExactly(0, 2, 1, 3);
    }
  }

  @Test
  void quantisedRowsAppearAsFloats() {
    var block = ByteBuffer.allocate(36).order(ByteOrder.LITTLE_ENDIAN);
    block.putShort((short) 0x3800).position(18).putShort((short) 0xc000); // 0.5 and -2
    for (int i = 0; i < 16; i++) {
      block.put(2 + i, (byte) 0x98).put(20 + i, (byte) 0x79);
    }
    var content = GgufBytes.llama().tensor("blk.0.attn_norm.weight", 2, block.array(), 64);
    try (var model = Gguf.open(content.write(file()))) {
      var name = "model.layers.0.input_layernorm.weight";
      assertThat(model.tensor(name).type()).isEqualTo(DataType.F32);
      var expected = new float[64];
      Arrays.fill(expected, 16, 32, 0.5f);
      Arrays.fill(expected, 32, 48, -2);
      Arrays.fill(expected, 48, 64, 2);
      assertThat(model.floats(name)).containsExactly(expected);
    }
  }

  @Test
  void halvesStayHalves() {
    var content = GgufBytes.llama().tensor("output_norm.weight", 30, new byte[16], 8);
    try (var model = Gguf.open(content.write(file()))) {
      assertThat(model.tensor("model.norm.weight").type()).isEqualTo(DataType.BF16);
    }
  }

  @Test
  void widthsThatDifferByLayerGoIntoTheConfig() {
    var content = GgufBytes.llama().with("llama.block_count", 2);
    content.with("llama.feed_forward_length", List.of(8, 6));
    for (var name : List.of("attn_norm", "ffn_norm")) {
      content.counting("blk.1." + name + ".weight", 8);
    }
    for (var name : List.of("attn_q", "attn_output")) {
      content.counting("blk.1." + name + ".weight", 8, 8);
    }
    content.counting("blk.1.ffn_gate.weight", 8, 6).counting("blk.1.ffn_up.weight", 8, 6);
    content.counting("blk.1.ffn_down.weight", 6, 8);
    content.counting("blk.1.attn_k.weight", 8, 4).counting("blk.1.attn_v.weight", 8, 4);
    try (var model = Checkpoint.open(content.write(file()), folder)) {
      assertThat(model.config().layers())
          .extracting(layer -> layer.channels())
          .containsExactly(8, 6);
    }
  }

  @Test
  void anotherTypeIsNamed() {
    refuses(
        GgufBytes.llama().tensor("output_norm.weight", 23, new byte[136], 256),
        "FILE: tensor output_norm.weight has the type IQ4_XS, which is not read here; use a file in"
            + " F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, Q8_K");
  }

  /** Each once: files name the end of a turn though it is the end of a text, too. */
  @Test
  void severalEndsOfATextAreAList() {
    var content =
        GgufBytes.llama()
            .with("tokenizer.ggml.eos_token_id", 2)
            .with("tokenizer.ggml.eot_token_id", 1)
            .with("tokenizer.ggml.eom_token_id", 2);
    try (var model = Gguf.open(content.write(folder.resolve("ends.gguf")))) {
      assertThat(model.config().get("eos_token_id")).hasToString("[2,1]");
    }
    content.with("tokenizer.ggml.eot_token_id", 2);
    try (var model = Gguf.open(content.write(folder.resolve("end.gguf")))) {
      assertThat(model.config().get("eos_token_id")).hasToString("2");
    }
  }

  @Test
  void anotherArchitectureIsNamed() {
    refuses(
        GgufBytes.llama().with("general.architecture", "gemma4"),
        "FILE holds the architecture 'gemma4'; of GGUF files are read deci, gemma, gemma2,"
            + " gemma3, gpt2, gptneox, llama, mistral3, olmo2, phi3, qwen2, qwen3, qwen3moe,"
            + " smollm3: use the model's Hugging Face directory");
  }

  @Test
  void aFileThatIsNoGgufIsSaidToBeNone() {
    refuses(
        "PK\3\4 something".getBytes(StandardCharsets.US_ASCII),
        "FILE is no GGUF file: it does not begin with GGUF");
    refuses(new byte[0], "FILE is no GGUF file: it does not begin with GGUF");
  }

  @Test
  void anUnknownVersionIsRefused() {
    var content = GgufBytes.llama();
    content.version = 1;
    refuses(content, "FILE is GGUF version 1; versions 2 and 3, little-endian, are read here");
  }

  @Test
  void aFileCutAnywhereIsRefusedWithAMessage() throws IOException {
    var whole = GgufBytes.llama().bytes();
    for (int length = 0; length < whole.length - 32; length += 7) {
      Files.write(file(), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Checkpoint.open(file(), folder))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith(file() + "")
          .hasMessageMatching("(?s).*(truncated|no GGUF|more than the file can hold).*");
    }
  }

  @Test
  void aTailThatIsMissingNamesTheTensor() {
    var whole = GgufBytes.llama().bytes();
    refuses(
        Arrays.copyOf(whole, whole.length - 100),
        "FILE is truncated: tensor blk.0.attn_v.weight ends at byte 1760 of the data, which has"
            + " 1660; copy it again");
  }

  @Test
  void anArrayLongerThanTheFileIsNotBelieved() {
    var whole = GgufBytes.llama().bytes();
    whole[8 + 6] = 1; // 2^48 more tensors
    refuses(
        whole,
        "FILE: the list of tensors has 281474976710667 entries at byte 16, more than the file can"
            + " hold; it is truncated or damaged");
  }

  @Test
  void headsThatDoNotFitTheRowsAreRefused() {
    refuses(
        GgufBytes.llama().with("llama.attention.head_count_kv", 2),
        "FILE: tensor blk.0.attn_k.weight has 4 rows, which are not the heads of 4 that the"
            + " metadata names");
  }

  @Test
  void anUnknownTensorIsNotLeftOut() {
    refuses(
        GgufBytes.llama().counting("blk.0.attn_sinks.weight", 8),
        "FILE holds the tensor blk.0.attn_sinks.weight, which no model of architecture llama has");
  }

  @Test
  void aPartOfAModelIsSaidToBeOne() {
    refuses(
        GgufBytes.llama().with("split.count", 3).with("split.no", 0),
        "FILE is one of 3 parts of a model: join them with llama.cpp, llama-gguf-split --merge"
            + " FIRST-PART WHOLE");
  }

  @Test
  void missingMetadataAreNamed() {
    refuses(
        GgufBytes.llama().without("llama.block_count"),
        "FILE: the metadata llama.block_count is missing or not a whole number");
  }

  @Test
  void anUnknownRuleOfCuttingTextIsRefused() {
    refuses(
        GgufBytes.llama().with("tokenizer.ggml.pre", "viking"),
        "FILE cuts text by the rule 'viking' (tokenizer.ggml.pre); known are dbrx, gpt-2,"
            + " llama-bpe, llama-v3, llama3, olmo, phi-2, qwen2, smollm, starcoder, tekken:"
            + " use the model's Hugging Face directory");
  }

  @Test
  void aTokenTwiceIsRefused() {
    refuses(
        GgufBytes.llama().with("tokenizer.ggml.tokens", List.of("a", "b", "a", "<end>")),
        "FILE lists the token 'a' twice");
  }

  @Test
  void layersThatAFileCannotHoldAreNotBelieved() {
    refuses(
        GgufBytes.llama().with("llama.block_count", 1 << 30),
        "FILE: the metadata llama.block_count is 1073741824, but the file has 11 tensors");
    refuses(
        GgufBytes.llama().with("llama.attention.head_count", 0),
        "FILE: the metadata llama.attention.head_count is 0: at least 1 is needed");
  }

  /** 13 GB of weights of which nothing is on the disk, one tensor above 2 GiB. */
  @Test
  void aModelOfThirteenGigabytesOpensInMilliseconds() throws IOException {
    Checkpoint.open(GgufBytes.llama().write(folder.resolve("warm.gguf")), folder).close();
    var content = sevenBillion();
    long data = content.writeSparse(file());
    long before = ThreadCost.allocated();
    var start = ThreadCost.time();
    try (var model = Checkpoint.open(file(), folder)) {
      assertThat(Files.size(file())).isGreaterThan(13_000_000_000L);
      assertThat(model.graph().parameterCount()).isGreaterThan(6_700_000_000L);
      assertThat(ThreadCost.time().minus(start)).isLessThan(Duration.ofMillis(500));
      assertThat(ThreadCost.allocated() - before).isLessThan(64 << 20);
      try (var file = new RandomAccessFile(file().toFile(), "rw")) {
        file.seek(data + 2L * 300_000 * 4096 - 2);
        file.write(new byte[] {0, 0x3c}); // 1 in F16
      }
      var last = ByteBuffer.allocate(4);
      model.tensors().read("model.embed_tokens.weight", 2L * 300_000 * 4096 - 4, last);
      assertThat(last.array()).containsExactly(0, 0, 0, 0x3c);
    }
  }

  private static GgufBytes sevenBillion() {
    var content = GgufBytes.llama();
    content.with("llama.block_count", 32).with("llama.embedding_length", 4096);
    content.with("llama.feed_forward_length", 11008).with("llama.attention.head_count", 32);
    content.with("llama.attention.head_count_kv", 32);
    content.hole("token_embd.weight", 1, 2L * 300_000 * 4096, 4096, 300_000);
    content.hole("output_norm.weight", 0, 4 * 4096, 4096);
    for (int layer = 0; layer < 32; layer++) {
      for (var name : List.of("attn_norm", "ffn_norm")) {
        content.hole("blk." + layer + "." + name + ".weight", 0, 4 * 4096, 4096);
      }
      for (var name : List.of("attn_q", "attn_k", "attn_v", "attn_output")) {
        content.hole("blk." + layer + "." + name + ".weight", 1, 2L * 4096 * 4096, 4096, 4096);
      }
      for (var name : List.of("ffn_gate", "ffn_up")) {
        content.hole("blk." + layer + "." + name + ".weight", 1, 2L * 4096 * 11008, 4096, 11008);
      }
      content.hole("blk." + layer + ".ffn_down.weight", 1, 2L * 4096 * 11008, 11008, 4096);
    }
    return content;
  }
}
