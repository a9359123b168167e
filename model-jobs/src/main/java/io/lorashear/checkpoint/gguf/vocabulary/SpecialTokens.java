package io.lorashear.checkpoint.gguf.vocabulary;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.gguf.head.MetadataValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * Special tokens with their roles, and which of them are added around a text.
 *
 * @param ids ids by llama.cpp's names of roles
 * @param before whether the begin token is added before a text
 * @param after whether the end token is added after it
 * @param endless tokens that end a text, but cannot be expressed in llama.cpp's metadata
 */
record SpecialTokens(
    Map<String, Integer> ids, boolean before, boolean after, List<String> endless) {
  private static final String END_OF_TURN = "eot";
  private static final String END_OF_MESSAGE = "eom";

  /** Tokens at which llama.cpp always ends a text, regardless of the metadata. */
  private static final Set<String> ENDS =
      Set.of(
          "</s>",
          "<EOT>",
          "<end_of_turn>",
          "<|end_of_text|>",
          "<|endoftext|>",
          "<|end|>",
          "<|eom_id|>",
          "<|eot_id|>",
          "<|im_end|>");

  static SpecialTokens of(TokenizerFiles files, TokenTable tokens) {
    var around = around(files);
    var before = around.subList(0, around.indexOf(""));
    var after = around.subList(before.size() + 1, around.size());
    if (before.size() > 1 || after.size() > 1) {
      throw files.refusal(
          "it puts %s before a text and %s after it; llama.cpp puts one at most"
              .formatted(before, after));
    }
    var ids = new LinkedHashMap<String, Integer>();
    role(files, tokens, "eos", after).ifPresent(id -> ids.put("eos", id));
    if (!ids.containsKey("eos")) {
      throw new InputException(
          "%s: no file says which token ends a text, and llama.cpp would take the twelfth: say"
              + " eos_token_id in the model's config.json",
          files.file());
    }
    ids.put("bos", role(files, tokens, "bos", before).orElse(ids.get("eos")));
    role(files, tokens, "unk", List.of()).ifPresent(id -> ids.put("unknown", id));
    role(files, tokens, "pad", List.of()).ifPresent(id -> ids.put("padding", id));
    var endless = further(files, ids, tokens);
    return new SpecialTokens(ids, !before.isEmpty(), !after.isEmpty(), endless);
  }

  /**
   * Tokens other than the end of text at which generation may end. llama.cpp's metadata have two
   * further roles for them, which are given first to tokens that it would not recognise by their
   * text.
   *
   * @return the tokens without a role
   */
  private static List<String> further(
      TokenizerFiles files, Map<String, Integer> ids, TokenTable tokens) {
    var others =
        StreamSupport.stream(files.said("eos_token_id").spliterator(), false)
            .filter(id -> id.isInt() && id.asInt() >= 0 && id.asInt() < tokens.texts().size())
            .map(JsonNode::asInt)
            .filter(id -> !id.equals(ids.get("eos")))
            .distinct()
            .sorted(Comparator.comparing(id -> ENDS.contains(tokens.texts().get(id))))
            .toList();
    var words = List.of(END_OF_TURN, END_OF_MESSAGE);
    for (int i = 0; i < Math.min(words.size(), others.size()); i++) {
      ids.put(words.get(i), others.get(i));
    }
    return others.stream()
        .skip(words.size())
        .map(tokens.texts()::get)
        .filter(text -> !ENDS.contains(text))
        .toList();
  }

  /**
   * The token that is added around a text in this role; else the one named by its text; else the
   * one named by its id.
   */
  private static Optional<Integer> role(
      TokenizerFiles files, TokenTable tokens, String role, List<String> put) {
    var text = put.isEmpty() ? files.token(role) : Optional.of(put.get(0));
    var named = text.map(tokens.ids()::get);
    if (named.isPresent()) {
      return named;
    }
    var id = files.id(role);
    return id.isPresent() && id.getAsInt() < tokens.texts().size()
        ? Optional.of(id.getAsInt())
        : Optional.empty();
  }

  /** The tokens that are added around a text; an empty string stands for the text itself. */
  private static List<String> around(TokenizerFiles files) {
    var around = new ArrayList<String>();
    for (var step : steps(files.tokenizer().path("post_processor"))) {
      var type = step.path("type").asText();
      if (type.equals("TemplateProcessing")) {
        around.clear();
        step.path("single")
            .forEach(piece -> around.add(piece.path("SpecialToken").path("id").asText()));
      } else if (!type.equals("ByteLevel")) {
        throw files.refusal(
            "post_processor is of the type %s, which llama.cpp does not do".formatted(type));
      }
    }
    return around.isEmpty() ? List.of("") : around;
  }

  private static List<JsonNode> steps(JsonNode processor) {
    if (!processor.isObject()) {
      return List.of();
    }
    boolean several = processor.path("type").asText().equals("Sequence");
    return several
        ? StreamSupport.stream(processor.path("processors").spliterator(), false).toList()
        : List.of(processor);
  }

  void write(Map<String, MetadataValue> values) {
    ids.forEach(
        (role, id) -> values.put("tokenizer.ggml." + role + "_token_id", MetadataValue.uint32(id)));
    values.put("tokenizer.ggml.add_bos_token", MetadataValue.flag(before));
    values.put("tokenizer.ggml.add_eos_token", MetadataValue.flag(after));
  }
}
