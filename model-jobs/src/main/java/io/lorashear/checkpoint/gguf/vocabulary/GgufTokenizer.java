package io.lorashear.checkpoint.gguf.vocabulary;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.gguf.head.Metadata;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer of a GGUF header, as the tokenizer.json it was made from.
 *
 * @param tokens the vocabulary in the order of ids
 * @param kinds a kind for each token; empty if all are normal
 */
public record GgufTokenizer(Metadata metadata, List<String> tokens, List<Long> kinds) {
  private static final String PREFIX = "tokenizer.ggml.";
  private static final int LONGEST_TOKEN = 1 << 12;
  private static final long UNKNOWN = 2;
  private static final long CONTROL = 3;
  private static final long USER_DEFINED = 4;

  /** The tokenizer that {@code metadata} describes. */
  public static GgufTokenizer of(Metadata metadata) {
    var tokens = metadata.list(PREFIX + "tokens", String.class);
    var kinds = metadata.list(PREFIX + "token_type", Long.class);
    var distinct = new HashSet<String>();
    for (var token : tokens) {
      if (!distinct.add(token)) {
        throw new InputException("%s lists the token '%s' twice", metadata.file(), token);
      }
      if (token.length() > LONGEST_TOKEN) {
        throw new InputException(
            "%s has a token of %d characters, which begins '%s': it is damaged",
            metadata.file(), token.length(), token.substring(0, 20));
      }
    }
    if (tokens.isEmpty() || (!kinds.isEmpty() && kinds.size() != tokens.size())) {
      throw new InputException(
          "%s has a vocabulary of %d tokens and %d token types",
          metadata.file(), tokens.size(), kinds.size());
    }
    return new GgufTokenizer(metadata, tokens, kinds);
  }

  /** The whole tokenizer.json. */
  public ObjectNode json() {
    var kind = metadata.text(PREFIX + "model");
    return switch (kind) {
      case "gpt2" -> byteLevel();
      case "llama" -> sentencePiece();
      default ->
          throw new InputException(
              "%s has a tokenizer of the kind '%s'; gpt2 and llama are read from GGUF:"
                  + " use the model's Hugging Face directory",
              metadata.file(), kind);
    };
  }

  /** The tokenizer_config.json: which tokens are special, and the chat template. */
  public ObjectNode config() {
    var config = JsonFile.object();
    config.put("add_bos_token", addsBeginning());
    putToken(config, "bos_token", token("bos"));
    var template = metadata.textOrNull("tokenizer.chat_template");
    if (template != null) {
      config.put("chat_template", template);
    }
    config.put("clean_up_tokenization_spaces", false);
    putToken(config, "eos_token", token("eos"));
    config.putArray("model_input_names").add("input_ids").add("attention_mask");
    putToken(config, "pad_token", token("padding"));
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    putToken(config, "unk_token", token("unknown"));
    return config;
  }

  private static void putToken(ObjectNode config, String field, @Nullable String token) {
    if (token != null) {
      config.put(field, token);
    }
  }

  private @Nullable String token(String role) {
    var id = metadata.wholeOrNull(PREFIX + role + "_token_id");
    if (id == null) {
      return null;
    }
    if (id >= tokens.size()) {
      throw new InputException(
          "%s names the %s token %d, but has %d tokens", metadata.file(), role, id, tokens.size());
    }
    return tokens.get(id);
  }

  private boolean addsBeginning() {
    boolean usual = metadata.text(PREFIX + "model").equals("llama");
    return metadata.flag(PREFIX + "add_bos_token", usual);
  }

  private ObjectNode byteLevel() {
    var rule = PreTokenizer.of(metadata);
    var json = frame(rule.normalizer());
    json.set("pre_tokenizer", rule.json());
    setPostProcessor(json, PreTokenizer.byteLevel(true).put("trim_offsets", false));
    json.set("decoder", PreTokenizer.byteLevel(true));
    var model = model(json, false, rule.fusesUnknown(), rule.ignoresMerges());
    var merges = model.putArray("merges");
    for (var merge : metadata.list(PREFIX + "merges", String.class)) {
      int space = merge.indexOf(' ', 1);
      if (space < 0) {
        throw new InputException("%s has the merge '%s' of one piece", metadata.file(), merge);
      }
      merges.addArray().add(merge.substring(0, space)).add(merge.substring(space + 1));
    }
    return json;
  }

  private ObjectNode sentencePiece() {
    boolean prefix = metadata.flag(PREFIX + "add_space_prefix", true);
    var scores = metadata.list(PREFIX + "scores", Double.class);
    if (scores.size() != tokens.size()) {
      throw new InputException(
          "%s has %d tokens and %d scores", metadata.file(), tokens.size(), scores.size());
    }
    var json = frame(SentencePiece.normalizer(prefix));
    json.putNull("pre_tokenizer");
    setPostProcessor(json, null);
    json.set("decoder", SentencePiece.decoder(prefix));
    var merges = model(json, true, true, false).putArray("merges");
    for (var merge : SentencePiece.merges(tokens, scores)) {
      merges.addArray().add(merge.left()).add(merge.right());
    }
    return json;
  }

  private ObjectNode frame(@Nullable ObjectNode normalizer) {
    var json = JsonFile.object();
    json.put("version", "1.0");
    json.putNull("truncation");
    json.putNull("padding");
    addedTokens(json.putArray("added_tokens"));
    json.set("normalizer", normalizer);
    return json;
  }

  private void addedTokens(ArrayNode added) {
    for (int id = 0; id < kinds.size(); id++) {
      long kind = kinds.get(id);
      if (kind == UNKNOWN || kind == CONTROL || kind == USER_DEFINED) {
        added
            .addObject()
            .put("id", id)
            .put("content", tokens.get(id))
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", kind != USER_DEFINED);
      }
    }
  }

  private void setPostProcessor(ObjectNode json, @Nullable ObjectNode otherwise) {
    var first = token("bos");
    var id = metadata.wholeOrNull(PREFIX + "bos_token_id");
    if (first == null || id == null || !addsBeginning()) {
      json.set("post_processor", otherwise);
      return;
    }
    var template = json.putObject("post_processor").put("type", "TemplateProcessing");
    for (var form : List.of("single", "pair")) {
      var pieces = template.putArray(form);
      for (var sequence : form.equals("single") ? List.of("A") : List.of("A", "B")) {
        int type = sequence.equals("A") ? 0 : 1;
        pieces.addObject().putObject("SpecialToken").put("id", first).put("type_id", type);
        pieces.addObject().putObject("Sequence").put("id", sequence).put("type_id", type);
      }
    }
    var special = template.putObject("special_tokens").putObject(first).put("id", first);
    special.putArray("ids").add(id);
    special.putArray("tokens").add(first);
  }

  private ObjectNode model(ObjectNode json, boolean bytes, boolean fuses, boolean ignoresMerges) {
    var model = json.putObject("model").put("type", "BPE").putNull("dropout");
    model.put("unk_token", token("unknown"));
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", fuses).put("byte_fallback", bytes).put("ignore_merges", ignoresMerges);
    var vocabulary = model.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      vocabulary.put(tokens.get(id), id);
    }
    return model;
  }
}
