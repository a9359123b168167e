package io.lorashear.checkpoint.gguf.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.gguf.Gguf;
import io.lorashear.checkpoint.gguf.GgufBytes;
import io.lorashear.reference.ReferenceData;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencePieceTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> TEXTS =
      List.of(
          "Once upon a time, in a land of 1234 lakes,",
          "  two spaces, a tab\tand\nlines\n\n",
          "naïve café 😀 日本語 ½",
          "don't stop: e.g. x_y = (a+b)*c; // done",
          "\u0000\u0007 control");

  @TempDir Path folder;

  @Test
  void piecesAreJoinedByFallingScore() {
    var merges =
        SentencePiece.merges(
            List.of("a", "b", "c", "ab", "bc", "abc"), List.of(-9.0, -9.0, -9.0, -2.0, -1.0, -3.0));
    assertThat(merges.stream().map(merge -> merge.left() + " " + merge.right()))
        .containsExactly("b c", "a b", "a bc", "ab c");
  }

  /**
   * llama2.c keeps the pieces and scores of a SentencePiece model: longest, then score, length,
   * bytes.
   */
  private Path gguf(Path tokenizer) throws IOException {
    var bytes = ByteBuffer.wrap(Files.readAllBytes(tokenizer)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.getInt();
    var tokens = new ArrayList<String>();
    var scores = new ArrayList<Float>();
    var kinds = new ArrayList<Integer>();
    while (bytes.hasRemaining()) {
      scores.add(bytes.getFloat());
      var piece = new byte[bytes.getInt()];
      bytes.get(piece);
      int id = tokens.size();
      var text =
          new String(piece, StandardCharsets.UTF_8).strip().isEmpty() && id < 3
              ? ""
              : new String(piece, StandardCharsets.UTF_8);
      tokens.add(id < 3 ? List.of("<unk>", "<s>", "</s>").get(id) : text.replace(' ', '▁'));
      kinds.add(id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1);
    }
    return GgufBytes.llama()
        .with("tokenizer.ggml.model", "llama")
        .with("tokenizer.ggml.tokens", tokens)
        .with("tokenizer.ggml.scores", scores)
        .with("tokenizer.ggml.token_type", kinds)
        .with("tokenizer.ggml.unknown_token_id", 0)
        .with("tokenizer.ggml.bos_token_id", 1)
        .with("tokenizer.ggml.eos_token_id", 2)
        .counting("token_embd.weight", 8, tokens.size())
        .write(folder.resolve("model.gguf"));
  }

  private void encodesAlike(Path expected, Path gguf) {
    try (var model = Checkpoint.open(gguf, folder);
        var ours = Tokenizer.open(model.tokenizer());
        var theirs = Tokenizer.open(expected)) {
      for (var text : TEXTS) {
        assertThat(ours.encode(text)).as(text).containsExactly(theirs.encode(text));
        assertThat(ours.decode(ours.encode(text)))
            .as(text)
            .isEqualTo(theirs.decode(theirs.encode(text)));
      }
    }
  }

  @Test
  @Tag("reference")
  void aSmallVocabularyGivesTheSameIds() throws IOException {
    encodesAlike(
        ReferenceData.path("reference/stories260K-hf/tokenizer.json"),
        gguf(ReferenceData.path("data/models/stories260K/tok512.bin")));
  }

  @Test
  @Tag("reference")
  void theVocabularyOfLlama2GivesTheMergesAndIdsThatTransformersMadeOfIt() throws IOException {
    var home = ReferenceData.path("data/models/llama2-tokenizer");
    var expected = folder.resolve("expected.json");
    try (var zipped =
        new GZIPInputStream(Files.newInputStream(home.resolve("tokenizer.json.gz")))) {
      Files.write(expected, zipped.readAllBytes());
    }
    var gguf = gguf(home.resolve("tokenizer.bin"));
    try (var model = Gguf.open(gguf)) {
      assertThat(merges(model.tokenizer())).isEqualTo(merges(JSON.readTree(expected.toFile())));
    }
    encodesAlike(expected, gguf);
  }

  private static List<String> merges(JsonNode tokenizer) {
    var merges = new ArrayList<String>();
    for (var merge : tokenizer.at("/model/merges")) {
      merges.add(
          merge.isTextual() ? merge.asText() : merge.get(0).asText() + " " + merge.get(1).asText());
    }
    return merges;
  }
}
