package io.lorashear.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /** The blocks are unpacked here in another way: number by number, by its place. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8})
  void quantisedBlocksGiveTheirNumbers(int type) {
    int head = type == 3 ? 4 : 2;
    var block = ByteBuffer.allocate(head + (type == 8 ? 32 : 16)).order(ByteOrder.LITTLE_ENDIAN);
    block.putShort((short) 0x3800); // 0.5
    if (type == 3) {
      block.putShort((short) 0xc000); // -2
    }
    for (int i = head; i < block.capacity(); i++) {
      block.put((byte) (37 * i));
    }
    var expected = new float[32];
    for (int i = 0; i < 32; i++) {
      int nibble = block.get(head + i % 16) >> (i < 16 ? 0 : 4) & 15;
      expected[i] =
          type == 8
              ? block.get(head + i) * 0.5f
              : type == 2 ? (nibble - 8) * 0.5f : nibble * 0.5f - 2;
    }
    var content = GgufBytes.llama().tensor("output_norm.weight", type, block.array(), 32);
    try (var model = Gguf.open(content.write(file()))) {
      assertThat(model.tensor("model.norm.weight").type()).isEqualTo(DataType.F32);
      assertThat(model.floats("model.norm.weight")).containsExactly(expected);
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
        GgufBytes.llama().tensor("output_norm.weight", 12, new byte[144], 256),
        "FILE: tensor output_norm.weight has the type Q4_K, which is not read here; use a file in"
            + " F32, F16, BF16, Q4_0, Q4_1, Q8_0");
  }

  @Test
  void anotherArchitectureIsNamed() {
    refuses(
        GgufBytes.llama().with("general.architecture", "gemma3"),
        "FILE holds the architecture 'gemma3'; of GGUF files only llama is read here:"
            + " use the model's Hugging Face directory");
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
        "FILE holds the tensor blk.0.attn_sinks.weight, which no LLaMA has");
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
        GgufBytes.llama().with("tokenizer.ggml.pre", "tekken"),
        "FILE cuts text by the rule 'tekken' (tokenizer.ggml.pre); known are gpt-2, llama-bpe,"
            + " llama-v3, llama3, qwen2, smollm, starcoder: use the model's Hugging Face directory");
  }

  @Test
  void aTokenTwiceIsRefused() {
    refuses(
        GgufBytes.llama().with("tokenizer.ggml.tokens", List.of("a", "b", "a", "<end>")),
        "FILE lists the token 'a' twice");
  }
}
