package io.lorashear.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What pieces give is what the library gives for the whole, for tokenizers of all known kinds. */
class CutsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final String GPT4 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String GPT4O =
      "[^\\r"
          + "\\n"
          + "\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r"
          + "\\n"
          + "\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r"
          + "\\n"
          + "/]*|\\s*[\\r"
          + "\\n"
          + "]+|\\s+(?!\\S)|\\s+";

  /** Pieces of text that are hard to cut: runs of spaces, marks, halves, tokens spelled out. */
  private static final List<String> PIECES =
      List.of(
          " ",
          " ",
          " ",
          " ",
          "  ",
          "\n",
          "\n\n",
          " \n",
          "\t",
          "\r\n",
          "a",
          "b",
          "ab",
          "abba",
          "Ab",
          "A",
          "7",
          "1234",
          ".",
          ",",
          "'s",
          "'S",
          "don't",
          "(",
          "\"b",
          "…",
          "—",
          "“a",
          "é",
          "e\u0301",
          "\u0301",
          "日本",
          "。",
          "🦙",
          "\u00a0",
          "\u3000",
          "▁",
          "\u200b",
          "\ufffd",
          "<|end|>",
          "<|",
          "|>",
          "\0",
          "\uac00\u11a8");

  static List<String> kinds() {
    return List.of(
        "bytes",
        "bytes with a space in front",
        "digits",
        "gpt2",
        "gpt4",
        "gpt4, whole words first",
        "gpt4o, composed",
        "bytes uncut",
        "llama",
        "gemma",
        "metaspace always",
        "metaspace first",
        "metaspace never",
        "unknown fused");
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void piecesGiveWhatTheWholeGives(String kind) throws IOException {
    try (var tokenizer = tokenizer(kind)) {
      var cuts = tokenizer.vocabulary().cuts().orElseThrow();
      var pieces = tokenizer.pieces().orElseThrow();
      var random = new Random(3);
      var inside = 0;
      for (var round = 0; round < 1000; round++) {
        var text = text(random, 1 + random.nextInt(30));
        var whole = tokenizer.encodeByPublicInterface(text);
        assertThat(pieces.encodeByLibrary(text, 1 + random.nextInt(5))).as(text).isEqualTo(whole);
        assertThat(tokenizer.encode(text)).as(text).isEqualTo(whole);
        assertThat(tokenizer.encode(text)).as("again: %s", text).isEqualTo(whole);
        assertThat(tokenizer.encodeAtOnce(text)).as(text).isEqualTo(whole);
        assertThat(tokenizer.count(text)).as(text).isEqualTo(whole.length);
        for (var limit = 0; limit < 12; limit += 3) {
          assertThat(tokenizer.exceeds(text, limit)).as(text).isEqualTo(whole.length > limit);
        }
        inside += cuts.next(text, 1) < text.length() ? 1 : 0;
      }
      assertThat(inside).isGreaterThan(250);
    }
  }

  /** A text of words that nobody has seen goes to the library after a few of them. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aTextOfUnknownWordsHasTheIdsOfTheWhole(String kind) throws IOException {
    try (var tokenizer = tokenizer(kind)) {
      var random = new Random(5);
      for (var round = 0; round < 20; round++) {
        var text =
            IntStream.range(0, 300)
                .mapToObj(
                    i -> "ab" + (char) (0x101 + random.nextInt(3000)) + (i % 3 == 0 ? "," : ""))
                .collect(Collectors.joining(" "));
        assertThat(tokenizer.encode(text))
            .as(text)
            .isEqualTo(tokenizer.encodeByPublicInterface(text));
      }
    }
  }

  /** Words of letters, digits and marks have the library's ids without the library. */
  @ParameterizedTest
  @MethodSource("kinds")
  void plainWordsHaveTheIdsThatTheLibraryGives(String kind) throws IOException {
    var letters = "aaabbbABé7'’s.,“—½²Öß<|".toCharArray();
    try (var tokenizer = tokenizer(kind)) {
      var words = tokenizer.pieces().orElseThrow().words();
      var random = new Random(4);
      var plain = 0;
      for (var round = 0; round < 3000; round++) {
        var word = new StringBuilder(round % 3 == 0 ? " " : round % 7 == 0 ? "\n" : "");
        for (var i = random.nextInt(9); i >= 0; i--) {
          word.append(letters[random.nextInt(letters.length)]);
        }
        var ids = words.ids(word.toString());
        if (ids != PlainWords.OTHER) {
          plain++;
          assertThat(ids)
              .as("%s", word)
              .isEqualTo(tokenizer.encodeByPublicInterface(word.toString()));
        }
      }
      assertThat(plain).isGreaterThan(kind.equals("bytes with a space in front") ? -1 : 100);
    }
  }

  /**
   * No word ends in what follows: neither is there a cut, nor is all of it encoded to be counted.
   */
  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "gpt4o, composed", "llama", "gemma", "metaspace first"})
  void aLongTextWithoutWordsIsKnownToExceedByItsLength(String kind) throws IOException {
    try (var tokenizer = tokenizer(kind)) {
      var reach = tokenizer.vocabulary().reach().orElseThrow();
      for (var piece : List.of("ab", "é", "e\u0301", "日本", "\uac00\u11a8", "<|end|>", "=")) {
        for (var length : new int[] {10, 300, 6000}) {
          var text = piece.repeat(length);
          var tokens = tokenizer.encodeByPublicInterface(text).length;
          var most =
              IntStream.range(0, tokens + 5)
                  .filter(limit -> !reach.exceeds(text, 0, text.length(), limit))
                  .findFirst()
                  .orElseThrow();
          assertThat(most).as("%s × %d", piece, length).isBetween(1, tokens);
          assertThat(tokenizer.exceeds(text, tokens)).isFalse();
          assertThat(tokenizer.exceeds(text, tokens - 1)).isTrue();
        }
      }
    }
  }

  @Test
  void unknownOnesThatBecomeOneTokenHaveNoLength() throws IOException {
    try (var tokenizer = tokenizer("unknown fused")) {
      assertThat(tokenizer.vocabulary().reach()).isEmpty();
      assertThat(tokenizer.exceeds("日本".repeat(9000), 1)).isFalse();
    }
  }

  /** A token or a step that may look over a space: the whole is counted at once, and rightly. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a token over a space",
        "an added token over a space",
        "another pattern",
        "another normalizer",
        "pieces at random"
      })
  void whatIsNotKnownIsNotCut(String kind) throws IOException {
    try (var tokenizer = tokenizer(kind)) {
      assertThat(tokenizer.vocabulary().cuts()).isEmpty();
      var text = kind.equals("pieces at random") ? "7" : "ab ab ab";
      assertThat(tokenizer.count(text)).isEqualTo(tokenizer.encode(text).length);
    }
  }

  @Test
  void aTextLongerThanAPieceIsEncodedWhole(@TempDir Path folder) throws IOException {
    try (var tokenizer = Tokenizer.open(SmallTokenizers.byteLevel(folder))) {
      var text = "Az yes, yes 🦙\n".repeat(20_000);
      assertThat(tokenizer.encode(text)).isEqualTo(tokenizer.encodeByPublicInterface(text));
      assertThat(tokenizer.count(text)).isEqualTo(tokenizer.encode(text).length);
    }
  }

  private static String text(Random random, int pieces) {
    return IntStream.range(0, pieces)
        .mapToObj(i -> PIECES.get(random.nextInt(PIECES.size())))
        .collect(Collectors.joining());
  }

  private static Tokenizer tokenizer(String kind) throws IOException {
    var spaces = "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"▁\"}";
    var put = "{\"type\": \"Prepend\", \"prepend\": \"▁\"}";
    return switch (kind) {
      case "bytes" -> bytes(null, byteLevel(false, true));
      case "bytes with a space in front" -> bytes(null, byteLevel(true, true));
      case "bytes uncut" -> bytes(null, byteLevel(false, false));
      case "digits" ->
          bytes(null, sequence("{\"type\": \"Digits\", \"individual_digits\": true}", true));
      case "gpt2" -> bytes(null, sequence(split(GPT2), false));
      case "gpt4" -> bytes(null, sequence(split(GPT4), false));
      case "gpt4, whole words first" -> {
        var model = bytesModel();
        ((ObjectNode) model.path("vocab")).put("aab", model.path("vocab").size());
        yield of(model, null, sequence(split(GPT4), false), "ignore_merges", true);
      }
      case "gpt4o, composed" -> bytes("{\"type\": \"NFC\"}", sequence(split(GPT4O), false));
      case "another pattern" -> bytes(null, sequence(split("\\w+ \\w+|.|\\s"), false));
      case "another normalizer" -> bytes("{\"type\": \"Lowercase\"}", byteLevel(false, true));
      case "pieces at random" -> of(bytesModel(), null, byteLevel(false, true), "dropout", 0.1);
      case "an added token over a space" ->
          of(bytesModel(), null, byteLevel(false, true), "added", "b a");
      case "llama" ->
          pieces(
              "{\"type\": \"Sequence\", \"normalizers\": [%s, %s]}".formatted(put, spaces),
              null,
              true,
              "▁a");
      case "gemma" ->
          pieces(
              spaces,
              "{\"type\": \"Split\", \"pattern\": {\"String\": \" \"},"
                  + " \"behavior\": \"MergedWithPrevious\", \"invert\": false}",
              true,
              "▁a");
      case "a token over a space" -> pieces(spaces, null, true, "a▁");
      case "unknown fused" -> pieces(spaces, null, false, "▁a");
      default -> pieces(null, metaspace(kind.substring("metaspace ".length())), true, "▁a");
    };
  }

  private static String byteLevel(boolean prefix, boolean cut) {
    return ("{\"type\": \"ByteLevel\", \"add_prefix_space\": %s, \"trim_offsets\": true,"
            + " \"use_regex\": %s}")
        .formatted(prefix, cut);
  }

  private static String sequence(String step, boolean cut) {
    return "{\"type\": \"Sequence\", \"pretokenizers\": [%s, %s]}"
        .formatted(step, byteLevel(false, cut));
  }

  private static String split(String pattern) throws IOException {
    return ("{\"type\": \"Split\", \"pattern\": {\"Regex\": %s}, \"behavior\": \"Isolated\","
            + " \"invert\": false}")
        .formatted(JSON.writeValueAsString(pattern));
  }

  private static String metaspace(String scheme) {
    return "{\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"%s\"}"
        .formatted(scheme);
  }

  private static Tokenizer bytes(String normalizer, String cut) throws IOException {
    return of(bytesModel(), normalizer, cut, "", 0);
  }

  private static ObjectNode bytesModel() {
    var symbols = new ArrayList<String>();
    for (int b = 0; b < 256; b++) {
      symbols.add(Character.toString(SmallTokenizers.visible(b)));
    }
    return model(symbols, "a b", "b b", "ab ba", "Ġ a", "Ġ ab", "Ġ Ġ", "Ã ©", ". Ċ", "1 2", "' s");
  }

  private static Tokenizer pieces(String normalizer, String cut, boolean bytes, String merged)
      throws IOException {
    var symbols = new ArrayList<>(List.of("▁", "a", "b", "A", "é", ".", "7"));
    for (int b = 0; bytes && b < 256; b++) {
      symbols.add("<0x%02X>".formatted(b));
    }
    var last = merged.substring(0, 1) + " " + merged.substring(1);
    var model = model(symbols, "a b", "b b", "ab ab", "▁ ▁", last, ". 7");
    model.put("byte_fallback", bytes).put("fuse_unk", true).put("unk_token", "<unk>");
    return of(model, normalizer, cut, "", 0);
  }

  private static ObjectNode model(List<String> symbols, String... merges) {
    Map<String, Integer> vocabulary = new LinkedHashMap<>(Map.of("<unk>", 0));
    symbols.forEach(symbol -> vocabulary.put(symbol, vocabulary.size()));
    var model = JSON.createObjectNode().put("type", "BPE");
    for (var merge : merges) {
      var parts = merge.split(" ", -1);
      vocabulary.putIfAbsent(parts[0], vocabulary.size());
      vocabulary.putIfAbsent(parts[1], vocabulary.size());
      vocabulary.putIfAbsent(parts[0] + parts[1], vocabulary.size());
      model.withArray("merges").add(merge);
    }
    model.set("vocab", JSON.valueToTree(vocabulary));
    return model;
  }

  /** With one thing more in the model, or a token that is found in the text itself. */
  private static Tokenizer of(
      ObjectNode model, String normalizer, String cut, String name, Object value)
      throws IOException {
    var root = JSON.createObjectNode().put("version", "1.0");
    root.set("normalizer", JSON.readTree(normalizer == null ? "null" : normalizer));
    root.set("pre_tokenizer", JSON.readTree(cut == null ? "null" : cut));
    var added = root.putArray("added_tokens");
    for (var content : name.equals("added") ? List.of("<|end|>", value) : List.of("<|end|>")) {
      added
          .addObject()
          .put("id", model.path("vocab").size() + added.size() - 1)
          .put("content", content.toString())
          .put("special", true)
          .put("normalized", false)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", true);
    }
    if (!name.isEmpty() && !name.equals("added")) {
      model.set(name, JSON.valueToTree(value));
    }
    root.set("model", model);
    var json = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
    return Tokenizer.open(Path.of("tokenizer.json"), json);
  }
}
