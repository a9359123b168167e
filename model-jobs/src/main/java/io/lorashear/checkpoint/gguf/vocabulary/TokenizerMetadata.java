package io.lorashear.checkpoint.gguf.vocabulary;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.MetadataValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/**
 * A tokenizer.json and the files next to it as metadata: the reverse of {@link GgufTokenizer}.
 *
 * @param values keys and values in the order in which they are written
 * @param differences differences of llama.cpp's tokenizer for some texts, one sentence each
 */
public record TokenizerMetadata(Map<String, MetadataValue> values, List<String> differences) {
  private static final String PREFIX = "tokenizer.ggml.";

  /**
   * The metadata of {@code files}.
   *
   * @param rows rows of the embedding; a row without a token gets one that does not occur in texts
   * @throws InputException if llama.cpp has no such tokenizer, with what to do instead
   */
  public static TokenizerMetadata of(TokenizerFiles files, int rows) {
    var values = new LinkedHashMap<String, MetadataValue>();
    var differences = new ArrayList<String>();
    var tokens = TokenTable.of(files, rows);
    if (tokens.bytePieces()) {
      sentencePiece(files, tokens, values);
    } else {
      byteLevel(files, values, differences);
    }
    values.put(PREFIX + "tokens", MetadataValue.texts(tokens.texts()));
    values.put(PREFIX + "token_type", MetadataValue.int32s(tokens.kinds()));
    var special = SpecialTokens.of(files, tokens);
    special.write(values);
    if (!special.endless().isEmpty()) {
      differences.add(
          "generation goes on after %s, though eos_token_id names it: llama.cpp has words for three"
                  .formatted(String.join(", ", special.endless()))
              + " ends; give it as a stop (--reverse-prompt)");
    }
    templates(files, values);
    differences(files, differences);
    return new TokenizerMetadata(
        Collections.unmodifiableMap(values), Collections.unmodifiableList(differences));
  }

  private static void byteLevel(
      TokenizerFiles files, Map<String, MetadataValue> values, List<String> differences) {
    values.put(PREFIX + "model", MetadataValue.text("gpt2"));
    values.put(
        PREFIX + "pre", MetadataValue.text(PreTokenizer.nameFor(files.tokenizer(), files.file())));
    var normalizer = files.tokenizer().path("normalizer");
    if (normalizer.path("type").asText().equals("NFC")) {
      differences.add("text that is not in Unicode's composed form is cut into other tokens");
    } else if (normalizer.isObject()) {
      throw files.refusal("normalizer is " + normalizer + ", which llama.cpp does not do");
    }
    var merges =
        StreamSupport.stream(files.model().path("merges").spliterator(), false)
            .map(TokenizerMetadata::merge)
            .toList();
    values.put(PREFIX + "merges", MetadataValue.texts(merges));
  }

  private static String merge(JsonNode merge) {
    return merge.isArray() ? merge.path(0).asText() + " " + merge.path(1).asText() : merge.asText();
  }

  private static void sentencePiece(
      TokenizerFiles files, TokenTable tokens, Map<String, MetadataValue> values) {
    values.put(PREFIX + "model", MetadataValue.text("llama"));
    values.put(PREFIX + "pre", MetadataValue.text("default"));
    values.put(PREFIX + "scores", MetadataValue.float32s(PieceScores.of(files, tokens)));
    values.put(PREFIX + "add_space_prefix", MetadataValue.flag(SpaceMarks.of(files).prefix()));
  }

  private static void templates(TokenizerFiles files, Map<String, MetadataValue> values) {
    files
        .templates()
        .forEach(
            (name, text) ->
                values.put(
                    "tokenizer.chat_template" + (name.equals("default") ? "" : "." + name),
                    MetadataValue.text(text)));
  }

  private static void differences(TokenizerFiles files, List<String> differences) {
    var habits =
        Map.of(
            "lstrip", "blanks before them stay: %s",
            "rstrip", "blanks after them stay: %s",
            "single_word", "found inside words, too: %s",
            "normalized", "found wherever they stand, not in changed text alone: %s");
    boolean changed = files.tokenizer().path("normalizer").isObject();
    for (var habit : new TreeMap<>(habits).entrySet()) {
      var names =
          StreamSupport.stream(files.tokenizer().path("added_tokens").spliterator(), false)
              .filter(added -> added.path(habit.getKey()).asBoolean())
              .map(added -> added.path("content").asText())
              .toList();
      if (!names.isEmpty() && (changed || !habit.getKey().equals("normalized"))) {
        var shown = names.size() > 3 ? names.get(0) + " and others" : String.join(", ", names);
        differences.add(habit.getValue().formatted(shown));
      }
    }
  }
}
