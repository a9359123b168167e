package io.lorashear.checkpoint.gguf.head;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.gguf.GgufBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heads that claim what cannot be. */
class GgufHeaderTest {
  private static final String NAME = "blk.0.attn_q.weight";

  @TempDir Path folder;

  private void refuses(byte[] content, String message) throws IOException {
    var file = Files.write(folder.resolve("model.gguf"), content);
    assertThatThrownBy(() -> GgufHeader.read(MappedFile.open(file)))
        .isInstanceOf(InputException.class)
        .hasMessage(message.replace("FILE", file.toString()));
  }

  private static ByteBuffer llama() {
    return ByteBuffer.wrap(GgufBytes.llama().bytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Where {@code text} ends in {@code content}. */
  private static int behind(ByteBuffer content, String text) {
    var latin = new String(content.array(), StandardCharsets.ISO_8859_1);
    return latin.indexOf(text) + text.length();
  }

  @Test
  void countsBeyondTheFile() throws IOException {
    var tensors = llama().putLong(8, 1L << 60);
    refuses(
        tensors.array(),
        "FILE: the list of tensors has 1152921504606846976 entries at byte 16, more than the file"
            + " can hold; it is truncated or damaged");
    var keys = llama().putLong(16, -1);
    refuses(
        keys.array(),
        "FILE: the metadata has 18446744073709551615 entries at byte 24, more than the file can"
            + " hold; it is truncated or damaged");
  }

  @Test
  void aTextLongerThanTheFile() throws IOException {
    var content = llama();
    int length = behind(content, "general.architecture") + 4;
    refuses(
        content.putLong(length, 1L << 60).array(),
        "FILE: general.architecture has 1152921504606846976 entries at byte %d, more than the file"
                .formatted(length + 8)
            + " can hold; it is truncated or damaged");
  }

  @Test
  void anArrayLongerThanTheFile() throws IOException {
    var content = llama();
    int length = behind(content, "tokenizer.ggml.tokens") + 8;
    refuses(
        content.putLong(length, 1L << 31).array(),
        "FILE: tokenizer.ggml.tokens has 2147483648 entries at byte %d, more than the file can hold;"
                .formatted(length + 8)
            + " it is truncated or damaged");
  }

  @Test
  void arraysInArraysInArrays() throws IOException {
    var deep = List.of(List.of(List.of(List.of(1))));
    refuses(
        GgufBytes.llama().with("deep", deep).bytes(),
        "FILE: the metadata deep nests arrays too deep");
  }

  @Test
  void anUnknownTypeOfMetadata() throws IOException {
    var content = llama();
    refuses(
        content.putInt(behind(content, "llama.block_count"), 99).array(),
        "FILE: the metadata llama.block_count has the unknown type 99; the file is damaged");
  }

  @Test
  void alignments() throws IOException {
    for (int alignment : List.of(0, 24)) {
      refuses(
          GgufBytes.llama().with("general.alignment", alignment).bytes(),
          "FILE: the metadata general.alignment is " + alignment + ", not a power of two");
    }
    refuses(
        GgufBytes.llama().with("general.alignment", -32).bytes(),
        "FILE: the metadata general.alignment is -32");
  }

  @Test
  void shapes() throws IOException {
    var content = llama();
    int at = behind(content, NAME);
    refuses(
        content.putLong(at + 4, 1L << 60).array(),
        "FILE: tensor %s has an impossible shape (long overflow)".formatted(NAME));
    refuses(
        content.putLong(at + 4, 0).array(),
        "FILE: tensor %s has an impossible shape (extent 0)".formatted(NAME));
    refuses(
        content.putInt(at, 1 << 30).array(),
        "FILE: tensor %s has 1073741824 dimensions".formatted(NAME));
  }

  @Test
  void places() throws IOException {
    var content = llama();
    int offset = behind(content, NAME) + 4 + 16 + 4;
    for (var place : List.of("0", "16", "18446744073709551584")) {
      refuses(
          content.putLong(offset, Long.parseUnsignedLong(place)).array(),
          "FILE: tensor %s begins at byte %s of the data, inside another or out of line"
              .formatted(NAME, place));
    }
    refuses(
        content.putLong(offset, 1L << 60).array(),
        "FILE is truncated: tensor %s ends at byte 1152921504606847232 of the data, which has 1760;"
                .formatted(NAME)
            + " copy it again");
  }

  @Test
  void rowsThatAreNoWholeBlocks() throws IOException {
    refuses(
        GgufBytes.llama().tensor(NAME, 12, new byte[144], 8, 8).bytes(),
        "FILE: tensor %s has rows of 8 numbers, but Q4_K packs them by 256".formatted(NAME));
  }

  @Test
  void metadataAndTensorsTwice() throws IOException {
    var content = llama();
    var bytes = new String(content.array(), StandardCharsets.ISO_8859_1);
    refuses(
        bytes
            .replace("blk.0.attn_v.weight", "blk.0.attn_k.weight")
            .getBytes(StandardCharsets.ISO_8859_1),
        "FILE lists the tensor blk.0.attn_k.weight twice");
    refuses(
        bytes
            .replace("tokenizer.ggml.model", "general.architecture")
            .getBytes(StandardCharsets.ISO_8859_1),
        "FILE lists the metadata general.architecture twice");
  }
}
