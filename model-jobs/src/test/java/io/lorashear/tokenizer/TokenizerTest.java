package io.lorashear.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
  @TempDir Path folder;
  Tokenizer tokenizer;

  @BeforeEach
  void open() throws IOException {
    tokenizer = Tokenizer.open(SmallTokenizers.byteLevel(folder));
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Answer: yes",
        "two  spaces\n\ttab",
        "crème brûlée",
        "日本語",
        "🦙 llama",
        "a\0b",
        "<|endoftext|>x"
      })
  void bothWaysToTheLibraryAgreeAndTheTextComesBack(String text) {
    assertThat(tokenizer.encode(text)).isEqualTo(tokenizer.encodeByPublicInterface(text));
    assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
  }

  @Test
  void everyByteIsATokenUnlessMerged() {
    assertThat(tokenizer.encode("Az")).containsExactly('A' + 1, 'z' + 1);
    assertThat(tokenizer.encode("Az yes")).containsExactly('A' + 1, 'z' + 1, 259);
    assertThat(tokenizer.encode("yes")).containsExactly(258);
  }

  /** By the lengths of tokens, by the tokens' texts, and by encoding the begin alone. */
  @ParameterizedTest
  @ValueSource(strings = {"", "Answer", "Answer: ", "crème ", "🦙", "<|endoftext|>", "two  \n\n"})
  void tokensOfABeginAreCounted(String begin) {
    var text = begin + " yes, brûlée\n🦙";
    int[] ids = tokenizer.encode(text);
    int found = tokenizer.tokensOf(begin, text, ids);
    var within = tokenizer.decode(Arrays.copyOf(ids, found));
    assertThat(begin).startsWith(within);
    assertThat(tokenizer.encode(begin)).startsWith(Arrays.copyOf(ids, found));
    assertThat(found).isEqualTo(ids.length - tokenizer.encode(" yes, brûlée\n🦙").length);
  }

  /** " yes" is one token: where it is cut in two it belongs to what follows. */
  @Test
  void aTokenThatReachesFurtherIsNotOfTheBegin() {
    int[] ids = tokenizer.encode("Az yes");
    assertThat(tokenizer.tokensOf("Az ", "Az yes", ids)).isEqualTo(2);
    assertThat(tokenizer.tokensOf("Az yes", "Az yes", ids)).isEqualTo(3);
  }

  @Test
  void aLongTextIsNeitherCutNorPadded() {
    String text = "x7".repeat(40_000);
    assertThat(tokenizer.encode(text)).hasSize(80_000);
    assertThat(tokenizer.encode("x")).hasSize(1);
  }

  @Test
  void halfASurrogatePairBecomesTheReplacementCharacter() {
    assertThat(tokenizer.decode(tokenizer.encode("a\uD83Eb"))).isEqualTo("a\uFFFDb");
    assertThat(tokenizer.decode(tokenizer.encode("🦙\uDD99🦙\uD83E")))
        .isEqualTo("🦙\uFFFD🦙\uFFFD");
  }

  @Test
  void sizeAndEndOfTextComeFromTheFile() {
    assertThat(tokenizer.size()).isEqualTo(260);
    assertThat(tokenizer.endOfText()).isZero();
    assertThat(tokenizer.sha256()).matches("[0-9a-f]{64}");
  }

  @Test
  void manyThreadsGetTheSameIds() {
    String[] texts =
        IntStream.range(0, 200)
            .mapToObj(i -> "text " + i + " yes".repeat(i))
            .toArray(String[]::new);
    int[][] expected = Stream.of(texts).map(tokenizer::encode).toArray(int[][]::new);
    int[][] together = Stream.of(texts).parallel().map(shared()::encode).toArray(int[][]::new);
    assertThat(together).isDeepEqualTo(expected);
    assertThat(shared()).isSameAs(shared());
  }

  private Tokenizer shared() {
    return Tokenizer.shared(tokenizer.sha256(), tokenizer::json);
  }

  /**
   * A token that was added where the model has no row: text without it is read, text with it not.
   */
  @Test
  void aTokenBeyondTheModelsRowsIsRefusedWhereATextHoldsIt() throws IOException {
    var file = folder.resolve("tokenizer.json");
    var json = (ObjectNode) new ObjectMapper().readTree(file.toFile());
    json.withArray("added_tokens")
        .addObject()
        .put("id", 260)
        .put("content", "<pad>")
        .put("special", true)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false);
    new ObjectMapper().writeValue(file.toFile(), json);
    try (var ofModel = Tokenizer.open(file, 260);
        var alone = Tokenizer.open(file)) {
      assertThat(ofModel.encode("Az yes")).isEqualTo(tokenizer.encode("Az yes"));
      assertThat(alone.encode("<pad>")).containsExactly(260);
      assertThatThrownBy(() -> ofModel.encode("yes<pad>"))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "A text holds the token <pad> of %s, whose id is 260, but the model's embedding has"
                  + " 260 rows: take the token out of added_tokens there to have it read as plain"
                  + " text",
              file);
    }
  }

  @Test
  void aMissingFileIsNamed() {
    Path missing = folder.resolve("none.json");
    assertThatThrownBy(() -> Tokenizer.open(missing))
        .isInstanceOf(InputException.class)
        .hasMessage(missing + ": no such file; give the tokenizer.json that came with the model");
  }

  @Test
  void aTornFileIsNamed() throws IOException {
    Path torn = folder.resolve("tokenizer.json");
    Files.write(torn, Files.readString(torn).substring(0, 300).getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Tokenizer.open(torn))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(torn + " is not JSON (Unexpected end-of-input")
        .hasMessageEndingWith("give the tokenizer.json that came with the model");
  }

  @Test
  void anotherJsonFileIsNoTokenizer() throws IOException {
    Path config = Files.writeString(folder.resolve("config.json"), "{\"hidden_size\": 64}");
    assertThatThrownBy(() -> Tokenizer.open(config))
        .hasMessage(
            config + " has no model.vocab: give the tokenizer.json that came with the model");
  }

  @Test
  void aModelTheLibraryDoesNotKnowIsNamed() throws IOException {
    Path odd =
        Files.writeString(
            folder.resolve("odd.json"), "{\"model\": {\"type\": \"Odd\", \"vocab\": {\"a\": 0}}}");
    assertThatThrownBy(() -> Tokenizer.open(odd))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(odd + " is no tokenizer the library can read (");
  }

  @Test
  void aVocabularyWithoutAnEndIsNamed() throws IOException {
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, Files.readString(file).replace("<|endoftext|>", "<|stop|>"));
    try (var endless = Tokenizer.open(file)) {
      assertThatThrownBy(endless::endOfText)
          .hasMessage(
              file
                  + " has no end-of-text token such as <|endoftext|> or </s>:"
                  + " add one to its added_tokens");
    }
  }
}
