package io.lorashear.checkpoint.gguf.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.gguf.head.Metadata;
import io.lorashear.checkpoint.gguf.head.MetadataValue;
import io.lorashear.reference.ReferenceData;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tokenizer.json as metadata, and what reading makes of these again. */
class TokenizerMetadataTest {
  private static final List<String> TEXTS =
      List.of(
          "Hello, world! It's 3.14159, isn't it?",
          "Größe, naïve café, Ελληνικά, 你好,世界。한국어 🙂👩‍👩‍👧‍👦",
          "def f(x):\n    return {'a': x}  # code\n\n\n\tdone   ",
          "مرحبا بالعالم\r\n\r\nonce <|endoftext|> more");

  @TempDir Path folder;

  private static MetadataValue text(String value) {
    return MetadataValue.text(value);
  }

  /** Bytes as letters, one merge, one token that ends a text. */
  private static ObjectNode byteLevel() {
    var json = JsonFile.object();
    added(json, 0, "<end>", true);
    var cut = json.putObject("pre_tokenizer").put("type", "ByteLevel");
    cut.put("add_prefix_space", false).put("use_regex", true);
    var model = json.putObject("model").put("type", "BPE");
    model.putObject("vocab").put("<end>", 0).put("a", 1).put("b", 2).put("ab", 3);
    model.putArray("merges").add("a b");
    return json;
  }

  /** Pieces with spaces as marks, two merges. */
  private static ObjectNode pieces() {
    var json = JsonFile.object();
    added(json, 0, "<unk>", true);
    added(json, 1, "</s>", true);
    var normalizer = json.putObject("normalizer").put("type", "Replace").put("content", "▁");
    normalizer.putObject("pattern").put("String", " ");
    var model = json.putObject("model").put("type", "BPE").put("byte_fallback", true);
    model.put("unk_token", "<unk>");
    var tokens = List.of("<unk>", "</s>", "<0x41>", "▁", "a", "b", "ab", "▁ab");
    var vocabulary = model.putObject("vocab");
    tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
    model.putArray("merges").add("a b").add("▁ ab");
    return json;
  }

  private static void added(ObjectNode json, int id, String content, boolean special) {
    json.withArray("/added_tokens")
        .addObject()
        .put("id", id)
        .put("content", content)
        .put("special", special);
  }

  private TokenizerMetadata said(ObjectNode json, ObjectNode config, int rows) {
    var file = folder.resolve("tokenizer.json");
    JsonFile.write(file, json);
    return TokenizerMetadata.of(TokenizerFiles.of(List.of(file), config, "the model"), rows);
  }

  private static ObjectNode ending(int id) {
    return JsonFile.object().put("eos_token_id", id);
  }

  private void refused(ObjectNode json, String message) {
    assertThatThrownBy(() -> said(json, ending(0), 8))
        .isInstanceOf(InputException.class)
        .hasMessage(message.replace("FILE", folder.resolve("tokenizer.json").toString()));
  }

  @Test
  void bytesHaveMergesAndKindsAndRowsWithoutTokenOnesThatNoTextHas() {
    var json = byteLevel();
    added(json, 4, "<user>", false);
    assertThat(said(json, ending(0), 7).values())
        .containsEntry("tokenizer.ggml.model", text("gpt2"))
        .containsEntry("tokenizer.ggml.pre", text("gpt-2"))
        .containsEntry("tokenizer.ggml.merges", MetadataValue.texts(List.of("a b")))
        .containsEntry(
            "tokenizer.ggml.tokens",
            MetadataValue.texts(List.of("<end>", "a", "b", "ab", "<user>", "[PAD5]", "[PAD6]")))
        .containsEntry(
            "tokenizer.ggml.token_type", MetadataValue.int32s(List.of(3, 1, 1, 1, 4, 5, 5)))
        .containsEntry("tokenizer.ggml.eos_token_id", MetadataValue.uint32(0))
        .containsEntry("tokenizer.ggml.bos_token_id", MetadataValue.uint32(0))
        .containsEntry("tokenizer.ggml.add_bos_token", MetadataValue.flag(false));
  }

  @Test
  void piecesHaveTheNumberOfTheirFirstMergeAsScore() {
    assertThat(said(pieces(), ending(1), 9).values())
        .containsEntry("tokenizer.ggml.model", text("llama"))
        .containsEntry("tokenizer.ggml.add_space_prefix", MetadataValue.flag(false))
        .containsEntry(
            "tokenizer.ggml.scores",
            MetadataValue.float32s(List.of(0f, 0f, 0f, -3f, -3f, -3f, -1f, -2f, 0f)))
        .containsEntry(
            "tokenizer.ggml.token_type", MetadataValue.int32s(List.of(2, 3, 6, 1, 1, 1, 1, 1, 5)));
  }

  @Test
  void templatesAndFurtherEndsComeFromTheFilesBeside() throws IOException {
    var file = folder.resolve("tokenizer.json");
    var config = folder.resolve("tokenizer_config.json");
    JsonFile.write(file, byteLevel());
    var beside = JsonFile.object().put("chat_template", "{{ old }}");
    beside.putObject("eos_token").put("content", "ab");
    JsonFile.write(config, beside);
    var template = Files.writeString(folder.resolve("chat_template.jinja"), "{{ new }}");
    var ids = JsonFile.object();
    ids.putArray("eos_token_id").add(3).add(2);
    var files = TokenizerFiles.of(List.of(file, config, template), ids, "the model");
    assertThat(TokenizerMetadata.of(files, 4).values())
        .containsEntry("tokenizer.chat_template", text("{{ new }}"))
        .containsEntry("tokenizer.ggml.eos_token_id", MetadataValue.uint32(3))
        .containsEntry("tokenizer.ggml.eot_token_id", MetadataValue.uint32(2));
  }

  private TokenizerMetadata ending(ObjectNode json, int... ends) {
    var file = folder.resolve("tokenizer.json");
    JsonFile.write(file, json);
    var ids = JsonFile.object();
    for (int end : ends) {
      ids.withArray("/eos_token_id").add(end);
    }
    return TokenizerMetadata.of(TokenizerFiles.of(List.of(file), ids, "the model"), 9);
  }

  /** As Llama 3 Instruct: two ends of a text beside the end of a turn. */
  @Test
  void threeEndsHaveAWordEach() {
    var json = byteLevel();
    added(json, 4, "<|end_of_text|>", true);
    added(json, 5, "<|eom_id|>", true);
    added(json, 6, "<|eot_id|>", true);
    var said = ending(json, 6, 4, 5);
    assertThat(said.values())
        .containsEntry("tokenizer.ggml.eos_token_id", MetadataValue.uint32(6))
        .containsEntry("tokenizer.ggml.eot_token_id", MetadataValue.uint32(4))
        .containsEntry("tokenizer.ggml.eom_token_id", MetadataValue.uint32(5));
    assertThat(said.differences()).isEmpty();
  }

  /** Words go to the ends that llama.cpp does not know by their text, in the order of the list. */
  @Test
  void anEndThatLlamaCppKnowsByItsTextNeedsNoWord() {
    var json = byteLevel();
    added(json, 4, "<|im_end|>", true);
    added(json, 5, "<stop>", true);
    var said = ending(json, 0, 4, 5, 3);
    assertThat(said.values())
        .containsEntry("tokenizer.ggml.eos_token_id", MetadataValue.uint32(0))
        .containsEntry("tokenizer.ggml.eot_token_id", MetadataValue.uint32(5))
        .containsEntry("tokenizer.ggml.eom_token_id", MetadataValue.uint32(3));
    assertThat(said.differences()).isEmpty();
  }

  @Test
  void anEndTooManyIsTold() {
    assertThat(ending(byteLevel(), 0, 1, 2, 3).differences())
        .containsExactly(
            "generation goes on after ab, though eos_token_id names it: llama.cpp has words for"
                + " three ends; give it as a stop (--reverse-prompt)");
  }

  @Test
  void aTokenizerInAnotherFormIsNamedWithTheWayOut() {
    var model = folder.resolve("tokenizer.model");
    assertThatThrownBy(() -> TokenizerFiles.of(List.of(model), ending(0), "the model"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the model has no tokenizer.json beside it, and a GGUF file holds the tokenizer, too:"
                + " make one of the files that are there with transformers,"
                + " AutoTokenizer.from_pretrained(model).save_pretrained(model)");
    assertThatThrownBy(() -> TokenizerFiles.of(List.of(), ending(0), "the model"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the model has no tokenizer.json beside it, and a GGUF file holds the tokenizer, too:"
                + " put the one in that the model was trained with");
  }

  @Test
  void whatLlamaCppDoesOtherwiseIsTold() {
    var json = byteLevel();
    json.putObject("normalizer").put("type", "NFC");
    ((ObjectNode) json.path("added_tokens").path(0)).put("rstrip", true).put("normalized", true);
    assertThat(said(json, ending(0), 4).differences())
        .containsExactly(
            "text that is not in Unicode's composed form is cut into other tokens",
            "found wherever they stand, not in changed text alone: <end>",
            "blanks after them stay: <end>");
  }

  @Test
  void whatIsPutAroundATextIsSaid() {
    var json = byteLevel();
    var single = json.putObject("post_processor").put("type", "TemplateProcessing");
    var steps = single.putArray("single");
    steps.addObject().putObject("SpecialToken").put("id", "b");
    steps.addObject().putObject("Sequence").put("id", "A");
    assertThat(said(json, ending(0), 4).values())
        .containsEntry("tokenizer.ggml.bos_token_id", MetadataValue.uint32(2))
        .containsEntry("tokenizer.ggml.add_bos_token", MetadataValue.flag(true))
        .containsEntry("tokenizer.ggml.add_eos_token", MetadataValue.flag(false));
    steps.insertObject(0).putObject("SpecialToken").put("id", "a");
    refused(
        json,
        "FILE: it puts [a, b] before a text and [] after it; llama.cpp puts one at most: export the"
            + " model --for transformers");
  }

  @ParameterizedTest
  @CsvSource({"gpt-2", "smollm", "llama-bpe", "dbrx", "tekken", "qwen2", "olmo"})
  void cutsKeepTheirNames(String name) {
    var rule = PreTokenizer.of(new Metadata(Path.of(""), Map.of("tokenizer.ggml.pre", name)));
    var json = byteLevel();
    json.set("pre_tokenizer", rule.json());
    json.set("normalizer", rule.normalizer());
    json.withObject("/model").put("ignore_merges", rule.ignoresMerges());
    assertThat(PreTokenizer.nameFor(json, Path.of("tokenizer.json"))).isEqualTo(name);
  }

  @Test
  void otherSpellingsOfACutHaveItsName() {
    var json = byteLevel();
    var split = json.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    split
        .addObject()
        .put("type", "Split")
        .put("behavior", "Removed")
        .put("invert", true)
        .putObject("pattern")
        .put(
            "Regex",
            "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}|"
                + " ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+");
    split
        .addObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("use_regex", false);
    assertThat(PreTokenizer.nameFor(json, Path.of("tokenizer.json"))).isEqualTo("dbrx");
  }

  @Test
  void whatLlamaCppHasNoWordForIsRefused() {
    var cut = byteLevel();
    cut.putObject("pre_tokenizer").put("type", "Whitespace");
    refused(
        cut,
        "FILE: pre_tokenizer is {\"type\":\"Whitespace\"} (ignore_merges false): llama.cpp has no"
            + " name for this cut of a text that is known here; known are those of dbrx, gpt-2,"
            + " llama-bpe, olmo, qwen2, smollm, tekken. Export the model --for transformers");
    var lower = byteLevel();
    lower.putObject("normalizer").put("type", "Lowercase");
    refused(
        lower,
        "FILE: normalizer is {\"type\":\"Lowercase\"}, which llama.cpp does not do: export the"
            + " model --for transformers");
    var unigram = byteLevel();
    unigram.withObject("/model").put("type", "Unigram");
    refused(
        unigram,
        "FILE: its model is of the type Unigram; BPE alone is written: export the model --for"
            + " transformers");
    var framed = byteLevel();
    framed.putObject("post_processor").put("type", "BertProcessing");
    refused(
        framed,
        "FILE: post_processor is of the type BertProcessing, which llama.cpp does not do: export"
            + " the model --for transformers");
  }

  @Test
  void mergesThatAreNotTokensByRankAreRefused() {
    var apart = pieces();
    apart.withObject("/model").withObject("/vocab").put("▁a", 8);
    apart.withObject("/model").withArray("/merges").add("▁ a").add("▁a b");
    assertThatThrownBy(() -> said(apart, ending(1), 9))
        .hasMessageContaining(
            "the merges that make '▁ab' do not stand together; llama.cpp has a rank for each token,"
                + " not for each merge");
    var missing = pieces();
    missing.withObject("/model").putArray("merges").add("a b");
    assertThatThrownBy(() -> said(missing, ending(1), 8))
        .hasMessageContaining(
            "'▁' and 'ab' are not merged though '▁ab' is a token; llama.cpp merges them");
  }

  @Test
  void aVocabularyWithoutAnEndIsRefused() {
    assertThatThrownBy(() -> said(byteLevel(), JsonFile.object(), 4))
        .hasMessage(
            folder.resolve("tokenizer.json")
                + ": no file says which token ends a text, and llama.cpp would take the twelfth:"
                + " say eos_token_id in the model's config.json");
  }

  @Test
  void aTokenBeyondTheEmbeddingIsRefused() {
    var json = byteLevel();
    added(json, 8, "<user>", false);
    refused(
        json,
        "FILE: the token '<user>' has the id 8, but the embedding has 8 rows: use the tokenizer"
            + " that came with the model");
  }

  private static Path unzipped(Path folder) throws IOException {
    var zip = ReferenceData.path("data/models/llama2-tokenizer/tokenizer.json.gz");
    try (var bytes = new GZIPInputStream(Files.newInputStream(zip))) {
      Files.copy(bytes, folder.resolve("llama2.json"));
    }
    return folder.resolve("llama2.json");
  }

  @Test
  @Tag("reference")
  void publishedTokenizersMakeTheSameTokensAfterwards() throws IOException {
    var files =
        Stream.of("reference/smollm2-135m/", "reference/stories260K-hf/")
            .map(home -> ReferenceData.path(home + "tokenizer.json"))
            .collect(Collectors.toCollection(ArrayList::new));
    files.add(unzipped(folder));
    for (var file : files) {
      var again = folder.resolve("again.json");
      try (var one = Tokenizer.open(file)) {
        var values = said(JsonFile.read(file), ending(2), one.size()).values();
        JsonFile.write(again, GgufTokenizer.of(Metadata.of(file, values)).json());
        try (var other = Tokenizer.open(again)) {
          for (var text : TEXTS) {
            assertThat(other.encode(text))
                .describedAs("%s: %s", file, text)
                .isEqualTo(one.encode(text));
          }
        }
      }
    }
  }
}
