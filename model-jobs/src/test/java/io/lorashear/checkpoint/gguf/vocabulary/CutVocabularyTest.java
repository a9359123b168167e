package io.lorashear.checkpoint.gguf.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.gguf.head.Metadata;
import io.lorashear.reference.ReferenceData;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.tokenizer.VocabularyCut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Smaller vocabularies of published tokenizers, from and to GGUF. */
@Tag("reference")
class CutVocabularyTest {
  private static final List<String> TEXTS =
      List.of(
          "Hello, world! It's 3.14159, isn't it? The committee's unanimous recommendation.",
          "Größe, naïve café, Ελληνικά, 你好,世界。한국어 🙂👩‍👩‍👧‍👦",
          "def f(x):\n    return {'a': x}  # code\n\n\n\tdone   ",
          "مرحبا بالعالم\r\n\r\nonce more, extraordinarily incomprehensible");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "reference/smollm2-135m/tokenizer.json",
        "reference/stories260K-hf/tokenizer.json",
        "data/models/llama2-tokenizer/tokenizer.json.gz"
      })
  void areReadFromGgufAndWrittenToIt(String published) throws IOException {
    var whole = json(ReferenceData.path(published));
    var ofGguf = throughGguf(whole, "of-gguf");
    var cut = VocabularyCut.of(ofGguf, someTokens(ofGguf));
    assertThat(cut.kept()).isEqualTo(VocabularyCut.of(whole, someTokens(whole)).kept());
    cut.write(ofGguf, folder.resolve("cut"));
    cut.write(whole, folder.resolve("cut-of-original"));
    var again = throughGguf(folder.resolve("cut"), "again");
    try (var before = Tokenizer.open(whole);
        var small = Tokenizer.open(folder.resolve("cut"));
        var original = Tokenizer.open(folder.resolve("cut-of-original"));
        var written = Tokenizer.open(again)) {
      assertThat(small.size()).isEqualTo(cut.size()).isLessThan(before.size());
      int same = 0;
      for (var text : TEXTS) {
        assertThat(small.encode(text)).isEqualTo(original.encode(text));
        assertThat(written.encode(text)).isEqualTo(small.encode(text));
        assertThat(small.decode(small.encode(text))).isEqualTo(before.decode(before.encode(text)));
        for (var word : text.split(" ", -1)) {
          int[] old = before.encode(word);
          if (Arrays.stream(old).allMatch(cut::keeps)) {
            assertThat(small.encode(word))
                .isEqualTo(Arrays.stream(old).map(id -> cut.newIds()[id]).toArray());
            same++;
          }
        }
      }
      assertThat(same).isBetween(10, 40);
    }
  }

  private Path json(Path file) throws IOException {
    var home = Files.createDirectories(folder.resolve("whole"));
    try (var bytes = Files.newInputStream(file);
        var plain = file.toString().endsWith(".gz") ? new GZIPInputStream(bytes) : bytes) {
      Files.copy(plain, home.resolve("tokenizer.json"));
    }
    return home;
  }

  /** Two thirds of all tokens. */
  private static BitSet someTokens(Path home) {
    var random = new Random(2);
    var some = new BitSet();
    try (var tokenizer = Tokenizer.open(home)) {
      for (int id = 0; id < tokenizer.size(); id++) {
        some.set(id, random.nextInt(3) > 0);
      }
    }
    return some;
  }

  private Path throughGguf(Path home, String name) throws IOException {
    var file = home.resolve("tokenizer.json");
    var config = JsonFile.object().put("eos_token_id", 2);
    try (var tokenizer = Tokenizer.open(file)) {
      var files = TokenizerFiles.of(List.of(file), config, "the model");
      var values = TokenizerMetadata.of(files, tokenizer.size()).values();
      var to = Files.createDirectories(folder.resolve(name));
      JsonFile.write(
          to.resolve("tokenizer.json"), GgufTokenizer.of(Metadata.of(file, values)).json());
      return to;
    }
  }
}
