package io.lorashear.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyCutTest {
  @TempDir Path folder;

  static List<String> kinds() {
    return RandomVocabulary.KINDS;
  }

  /**
   * Over drawn vocabularies, cuts and texts: a text none of whose tokens was removed has the same
   * tokens, and any text is decoded as before.
   */
  @ParameterizedTest
  @MethodSource("kinds")
  void whatHasNoRemovedTokenIsEncodedAsBefore(String kind) throws IOException {
    var random = new Random(5);
    int same = 0;
    int changed = 0;
    for (int round = 0; round < 15; round++) {
      var from = Files.createDirectories(folder.resolve("from" + round));
      var to = folder.resolve("to" + round);
      Files.write(from.resolve("tokenizer.json"), RandomVocabulary.json(kind, random));
      try (var old = Tokenizer.open(from)) {
        var wanted = RandomVocabulary.some(old.size(), 0.75, random);
        var cut = VocabularyCut.of(from, wanted);
        assertThat(cut.write(from, to)).isEmpty();
        try (var small = Tokenizer.open(to)) {
          assertThat(small.size()).isEqualTo(cut.size()).isLessThan(old.size());
          for (int i = 0; i < 60; i++) {
            var text = RandomVocabulary.text(random);
            int[] before = old.encode(text);
            int[] after = small.encode(text);
            assertThat(small.decode(after)).as(text).isEqualTo(old.decode(before));
            if (Arrays.stream(before).allMatch(cut::keeps)) {
              assertThat(after).as(text).isEqualTo(mapped(cut, before));
              same += before.length < text.length() ? 1 : 0;
            } else {
              changed++;
            }
          }
        }
      }
    }
    assertThat(same).isGreaterThan(50);
    assertThat(changed).isGreaterThan(50);
  }

  private static int[] mapped(VocabularyCut cut, int[] ids) {
    return Arrays.stream(ids).map(id -> cut.newIds()[id]).toArray();
  }

  /**
   * The proof's first line, by the library: a token's parts are what it is when it is forbidden.
   */
  @ParameterizedTest
  @MethodSource("kinds")
  void withoutWhatItNeedsATokenIsNeverMade(String kind) throws IOException {
    var random = new Random(7);
    Files.write(folder.resolve("tokenizer.json"), RandomVocabulary.json(kind, random));
    var needs = VocabularyCut.needs(folder);
    var mandatory = VocabularyCut.mandatory(folder);
    int made = 0;
    for (int id = 0; id < needs.size(); id++) {
      var wanted = new BitSet();
      wanted.set(id);
      var cut = VocabularyCut.of(folder, wanted);
      assertThat(Arrays.stream(needs.get(id)).allMatch(cut::keeps)).isTrue();
      long extra = Arrays.stream(needs.get(id)).filter(each -> !mandatory.keeps(each)).count();
      assertThat(cut.size()).isEqualTo(mandatory.size() + extra + (mandatory.keeps(id) ? 0 : 1));
      made += needs.get(id).length > 0 ? 1 : 0;
    }
    assertThat(made).isGreaterThan(10);
  }

  @Test
  void idsAreDenseInTheOldOrder() throws IOException {
    SmallTokenizers.byteLevel(folder);
    var wanted = new BitSet();
    wanted.set(258); // yes, of y and es
    var cut = VocabularyCut.of(folder, wanted);
    assertThat(cut.kept()).containsExactly(IntStream.range(0, 259).toArray());
    assertThat(cut.newIds()).hasSize(260).endsWith(257, 258, -1);
    assertThat(VocabularyCut.needs(folder).get(259))
        .containsExactly(1 + ' ', 1 + 'e', 1 + 's', 1 + 'y', 257, 258);
    assertThat(VocabularyCut.mandatory(folder).size()).isEqualTo(257);
  }

  @Test
  void everyFileGetsTheNewIds() throws IOException {
    var json =
        (ObjectNode) RandomVocabulary.JSON.readTree(RandomVocabulary.json("llama", new Random(1)));
    int end = json.path("added_tokens").path(1).path("id").asInt();
    json.set(
        "post_processor",
        RandomVocabulary.JSON.readTree(
            """
            {"type": "TemplateProcessing", "single": [], "pair": [],
             "special_tokens": {"<|end|>": {"id": "<|end|>", "ids": [%d], "tokens": ["<|end|>"]}}}
            """
                .formatted(end)));
    json.putObject("padding").put("pad_id", end + 1).put("pad_token", "<|x|>");
    Files.writeString(folder.resolve("tokenizer.json"), json.toString());
    write("vocab.json", json.path("model").path("vocab").toString());
    write("merges.txt", "#version: 0.2\nb b\na b\n");
    write("added_tokens.json", "{\"<|end|>\": %d}".formatted(end));
    write("special_tokens_map.json", "{\"eos_token\": \"<|end|>\"}");
    write("chat_template.jinja", "{{ x }}");
    write(
        "tokenizer_config.json",
        "{\"added_tokens_decoder\": {\"0\": {\"content\": \"<unk>\"}, \"%d\": {\"content\":"
                .formatted(end)
            + " \"<|end|>\"}}, \"pad_token\": {\"content\": \"<|x|>\"}}");
    write(
        "generation_config.json",
        "{\"eos_token_id\": [%d, %d], \"pad_token_id\": -1, \"bad_words_ids\": [[%d]]}"
            .formatted(end, end + 1, end));
    write("tokenizer.model", "old");
    var to = folder.resolve("to");
    var cut = VocabularyCut.mandatory(folder);

    assertThat(cut.write(folder, to))
        .containsExactly(
            "tokenizer.model is left out, because its pieces are not the tokens of tokenizer.json:"
                + " tokenizer.json alone is the tokenizer of the smaller vocabulary");

    int last = cut.size() - 1;
    var written = RandomVocabulary.JSON.readTree(to.resolve("tokenizer.json").toFile());
    assertThat(written.path("post_processor").path("special_tokens").path("<|end|>").path("ids"))
        .hasToString("[%d]".formatted(last - 1));
    assertThat(written.path("padding").path("pad_id").asInt()).isEqualTo(last);
    assertThat(written.path("model").path("merges")).isEmpty();
    assertThat(read(to, "added_tokens.json")).contains("\"<|end|>\" : %d".formatted(last - 1));
    assertThat(read(to, "tokenizer_config.json")).contains("\"%d\" : {".formatted(last - 1));
    assertThat(read(to, "generation_config.json"))
        .contains("\"eos_token_id\" : [ %d, %d ]".formatted(last - 1, last))
        .contains("\"pad_token_id\" : -1")
        .contains("\"bad_words_ids\" : [ [ %d ] ]".formatted(last - 1));
    assertThat(read(to, "merges.txt")).isEqualTo("#version: 0.2\n");
    assertThat(read(to, "vocab.json")).contains("<0xFF>").doesNotContain("日");
    assertThat(read(to, "special_tokens_map.json")).isEqualTo("{\"eos_token\": \"<|end|>\"}");
    assertThat(read(to, "chat_template.jinja")).isEqualTo("{{ x }}");
    assertThat(to.resolve("tokenizer.model")).doesNotExist();
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }

  private static String read(Path folder, String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  /** {@code "unk_token": null} is no token, though there is one of this name. */
  @Test
  void noUnknownTokenIsNotTheTokenNull() throws IOException {
    var file = SmallTokenizers.byteLevel(folder);
    Files.writeString(
        file, Files.readString(file).replace("\"yes\": 258", "\"yes\": 258, \"null\": 260"));
    assertThat(VocabularyCut.mandatory(folder).size()).isEqualTo(257);
  }

  @Test
  void anIdWithoutATokenIsNamed() throws IOException {
    SmallTokenizers.byteLevel(folder);
    write("generation_config.json", "{\"eos_token_id\": 260}");
    assertThatThrownBy(() -> VocabularyCut.mandatory(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s names the token 260, but %s has no token with this id: name one of its tokens, or"
                + " take the id out",
            folder.resolve("generation_config.json"), folder.resolve("tokenizer.json"));
  }

  @Test
  void fieldsWithIdsAmongOtherNumbersAreNamed() throws IOException {
    SmallTokenizers.byteLevel(folder);
    write("generation_config.json", "{\"forced_decoder_ids\": [[1, 20]]}");
    assertThatThrownBy(() -> VocabularyCut.mandatory(folder))
        .hasMessage(
            "generation_config.json: forced_decoder_ids holds ids of tokens, which this program"
                + " does not renumber: take the field out, or prune without vocabulary");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Unigram: the score of text that no piece spells depends on the lowest score of all pieces,"
            + " so other words would be cut differently, too",
        "WordPiece: a word that cannot be spelled becomes the unknown token, so text would be lost",
        "WordLevel"
      })
  void otherModelsAreRefusedByName(String typeAndReason) throws IOException {
    var type = typeAndReason.split(":", 2)[0];
    write(
        "tokenizer.json", "{\"model\": {\"type\": \"%s\", \"vocab\": {\"a\": 0}}}".formatted(type));
    assertThatThrownBy(() -> VocabularyCut.mandatory(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s has a model of the type %s; the vocabulary of BPE alone can be cut%s. Prune without"
                + " vocabulary",
            folder.resolve("tokenizer.json"), type, typeAndReason.substring(type.length()));
  }

  @Test
  void piecesAtRandomAreRefused() throws IOException {
    var file = SmallTokenizers.byteLevel(folder);
    Files.writeString(
        file, Files.readString(file).replace("\"dropout\": null", "\"dropout\": 0.1"));
    assertThatThrownBy(() -> VocabularyCut.mandatory(folder))
        .hasMessage(
            "%s: model.dropout is 0.1, with which no vocabulary is cut: prune without vocabulary",
            file);
  }

  @Test
  void aFileThatDisagreesIsNamed() throws IOException {
    SmallTokenizers.byteLevel(folder);
    write("vocab.json", "{\"yes\": 3}");
    var cut = VocabularyCut.mandatory(folder);
    assertThatThrownBy(() -> cut.write(folder, folder.resolve("to")))
        .hasMessage(
            "%s gives the token 'yes' the id 3, but %s the id 258: keep one of the two files",
            folder.resolve("vocab.json"), folder.resolve("tokenizer.json"));
  }
}
