package io.lorashear.checkpoint.gguf.vocabulary;

import io.lorashear.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tokens in the order of ids, each with its kind.
 *
 * @param bytePieces whether tokens are pieces of text with byte tokens as a fallback
 *     (SentencePiece), not pieces of bytes
 * @param ids ids by text
 */
record TokenTable(
    List<String> texts, List<Integer> kinds, boolean bytePieces, Map<String, Integer> ids) {
  private static final int NORMAL = 1;
  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;
  private static final int UNUSED = 5;
  private static final int BYTE = 6;

  static TokenTable of(TokenizerFiles files, int rows) {
    var model = files.model();
    boolean pieces = bytePieces(files);
    var texts = new String[rows];
    var kinds = new Integer[rows];
    Arrays.fill(kinds, UNUSED);
    for (var token : model.path("vocab").properties()) {
      int kind = pieces && token.getKey().matches("<0x[0-9A-F]{2}>") ? BYTE : NORMAL;
      put(files, texts, kinds, token.getKey(), token.getValue().asInt(-1), kind);
    }
    var unknown = model.path("unk_token");
    for (var added : files.tokenizer().path("added_tokens")) {
      int kind = added.path("special").asBoolean() ? CONTROL : USER_DEFINED;
      boolean none = pieces && added.path("content").equals(unknown);
      put(
          files,
          texts,
          kinds,
          added.path("content").asText(),
          added.path("id").asInt(-1),
          none ? UNKNOWN : kind);
    }
    return new TokenTable(
        filled(texts), List.copyOf(Arrays.asList(kinds)), pieces, ids(files, texts));
  }

  private static void put(
      TokenizerFiles files, String[] texts, Integer[] kinds, String text, int id, int kind) {
    if (id < 0 || id >= texts.length) {
      throw new InputException(
          "%s: the token '%s' has the id %d, but the embedding has %d rows: use the tokenizer that"
              + " came with the model",
          files.file(), text, id, texts.length);
    }
    texts[id] = text;
    kinds[id] = kind;
  }

  private static boolean bytePieces(TokenizerFiles files) {
    var model = files.model();
    if (!model.path("type").asText().equals("BPE")) {
      throw files.refusal(
          "its model is of the type "
              + model.path("type").asText("none")
              + "; BPE alone is written");
    }
    for (var field : List.of("dropout", "continuing_subword_prefix", "end_of_word_suffix")) {
      if (model.hasNonNull(field) && !model.path(field).asText().isEmpty()) {
        throw files.refusal(
            "model.%s is %s, which llama.cpp does not do".formatted(field, model.get(field)));
      }
    }
    return model.path("byte_fallback").asBoolean();
  }

  /** Fills the gaps, because llama.cpp needs a text for every row, and no text twice. */
  private static List<String> filled(String[] texts) {
    var taken = new HashMap<String, Integer>();
    var filled = new ArrayList<String>();
    for (int id = 0; id < texts.length; id++) {
      var text = texts[id] == null ? "[PAD" + id + "]" : texts[id];
      while (taken.putIfAbsent(text, id) != null) {
        text = "[" + text + "]";
      }
      filled.add(text);
    }
    return List.copyOf(filled);
  }

  private static Map<String, Integer> ids(TokenizerFiles files, String[] texts) {
    var ids = new HashMap<String, Integer>();
    for (int id = 0; id < texts.length; id++) {
      var before = texts[id] == null ? null : ids.put(texts[id], id);
      if (before != null) {
        throw files.refusal(
            "the token '%s' has the ids %d and %d".formatted(texts[id], before, id));
      }
    }
    return Map.copyOf(ids);
  }

  /** Whether a text's token is of the normal kind, from which words are made. */
  boolean isNormal(String text) {
    var id = ids.get(text);
    return id != null && kinds.get(id) == NORMAL;
  }
}
