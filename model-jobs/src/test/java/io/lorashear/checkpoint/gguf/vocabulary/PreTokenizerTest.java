package io.lorashear.checkpoint.gguf.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.gguf.Gguf;
import io.lorashear.checkpoint.gguf.GgufBytes;
import io.lorashear.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreTokenizerTest {
  private static final List<String> MERGED =
      List.of("12", "123", "1234", "45", "ab", "abC", "abCd", "Cd");
  private static final List<String> MERGES =
      List.of("1 2", "12 3", "123 4", "4 5", "a b", "ab C", "abC d", "C d");

  @TempDir Path folder;

  /** All joins that would be made were the text not cut: pieces show where it is cut. */
  private String pieces(GgufBytes content, String text) {
    var tokens = new ArrayList<String>();
    for (char c = '!'; c <= '~'; c++) {
      tokens.add(String.valueOf(c));
    }
    tokens.addAll(MERGED);
    content.with("tokenizer.ggml.tokens", tokens).with("tokenizer.ggml.merges", MERGES);
    content.without("tokenizer.ggml.token_type").with("tokenizer.ggml.eos_token_id", 0);
    var file = folder.resolve("tokenizer.json");
    try (var model = Gguf.open(content.write(folder.resolve("model.gguf")))) {
      JsonFile.write(file, model.tokenizer());
    }
    try (var tokenizer = Tokenizer.open(file)) {
      var pieces = new ArrayList<String>();
      for (int id : tokenizer.encode(text)) {
        pieces.add(tokens.get(id));
      }
      return String.join(" ", pieces);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-2, 1234 5, abCd",
    "phi-2, 1234 5, abCd",
    "olmo, 1234 5, abCd",
    "smollm, 1 2 3 4 5, abCd",
    "qwen2, 1 2 3 4 5, abCd",
    "llama-bpe, 123 45, abCd",
    "dbrx, 123 45, abCd",
    "tekken, 1 2 3 4 5, ab Cd",
  })
  void textIsCutByTheNamedRule(String rule, String numbers, String words) {
    var content = GgufBytes.llama().with("tokenizer.ggml.pre", rule);
    assertThat(pieces(content, "12345")).isEqualTo(numbers);
    assertThat(pieces(content, "abCd")).isEqualTo(words);
  }

  @Test
  void oldFilesOfGpt2HaveItsRule() {
    var content = GgufBytes.gpt2().without("tokenizer.ggml.pre");
    assertThat(pieces(content, "12345")).isEqualTo("1234 5");
  }
}
