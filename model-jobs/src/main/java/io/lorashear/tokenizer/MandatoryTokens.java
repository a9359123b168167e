package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * The tokens that a vocabulary never loses: every added and special token, every token that a
 * configuration names, and those from which any text can be spelled.
 *
 * <pre>
 *   byte-level       the characters that stand for bytes
 *   byte fallback    &lt;0x00&gt; to &lt;0xFF&gt;, and the mark of a space, which no byte can stand for
 *   otherwise        every token of one character
 * </pre>
 */
final class MandatoryTokens {
  private static final int BYTES = 256;
  private static final Set<String> TEXTS =
      Set.of("additional_special_tokens", "extra_special_tokens");

  /** Decoders that give the same text however a word is cut into tokens. */
  private static final Set<String> DECODERS =
      Set.of("ByteLevel", "ByteFallback", "Fuse", "Replace", "Strip", "Metaspace");

  private final VocabularyFiles files;
  private final BitSet existing;
  private final BitSet tokens = new BitSet();

  private MandatoryTokens(VocabularyFiles files) {
    this.files = files;
    this.existing = files.existing();
  }

  /**
   * Their ids, without the tokens they are made of.
   *
   * @throws InputException if a file names a token that does not exist, or if text cannot be
   *     decoded independently of how it is cut
   */
  static BitSet of(VocabularyFiles files) {
    var mandatory = new MandatoryTokens(files);
    mandatory.alphabet();
    mandatory.decoders();
    mandatory.ofTokenizer();
    for (var name : List.of("tokenizer_config.json", "special_tokens_map.json")) {
      files.objectBeside(name).ifPresent(mandatory::roles);
    }
    for (var name : List.of("tokenizer_config.json", "generation_config.json", "config.json")) {
      files.objectBeside(name).ifPresent(fields -> mandatory.ids(fields, name));
    }
    return mandatory.tokens;
  }

  private void alphabet() {
    int bytes = 0;
    for (int b = 0; b < BYTES; b++) {
      bytes += keep("<0x%02X>".formatted(b)) ? 1 : 0;
    }
    if (!files.model().path("byte_fallback").asBoolean() || bytes < BYTES) {
      files.ids().forEach((text, id) -> keepCharacter(text, id));
    }
  }

  private void keepCharacter(String text, int id) {
    if (text.codePointCount(0, text.length()) == 1) {
      tokens.set(id);
    }
  }

  /** Characters that decoders look for in tokens; bytes that spell them would not be found. */
  private void decoders() {
    for (var step : CuttingRules.steps(files.root().path("decoder"), "decoders").toList()) {
      var type = step.path("type").asText();
      var searched =
          type.equals("Replace")
              ? step.path("pattern").path("String").asText()
              : step.path("replacement").asText(CuttingRules.LOWER_BLOCK);
      boolean oneCharacter = searched.codePointCount(0, searched.length()) == 1;
      if (!DECODERS.contains(type) || !oneCharacter) {
        throw new InputException(
            "%s decodes by %s, which may give other text when a word is cut differently: prune"
                + " without vocabulary",
            files.file(), step);
      }
      keep(searched);
    }
  }

  private void ofTokenizer() {
    texts(files.model().path("unk_token"));
    for (var added : files.root().path("added_tokens")) {
      tokens.set(added.path("id").asInt());
    }
    PutTokens.replace(files.root().deepCopy(), files.file(), id -> existing(id, "tokenizer.json"));
  }

  /** Tokens that a configuration names by text, for example {@code "eos_token": "</s>"}. */
  private void roles(ObjectNode fields) {
    for (var field : fields.properties()) {
      if (field.getKey().endsWith("_token") || TEXTS.contains(field.getKey())) {
        texts(field.getValue());
      }
    }
    fields.path("added_tokens_decoder").fieldNames().forEachRemaining(this::decoded);
  }

  private void texts(JsonNode said) {
    if (said.isTextual()) {
      keep(said.asText());
    } else if (said.path("content").isTextual()) {
      keep(said.path("content").asText());
    } else {
      said.forEach(this::texts);
    }
  }

  private void decoded(String id) {
    existing(Integer.parseInt(id), "tokenizer_config.json, added_tokens_decoder");
  }

  private void ids(ObjectNode fields, String name) {
    TokenIds.replace(fields, name, id -> existing(id, name));
  }

  private int existing(int id, String where) {
    if (!existing.get(id)) {
      throw new InputException(
          "%s names the token %d, but %s has no token with this id: name one of its tokens, or take"
              + " the id out",
          files.file().resolveSibling(where), id, files.file());
    }
    tokens.set(id);
    return id;
  }

  private boolean keep(String text) {
    var id = files.ids().get(text);
    if (id != null) {
      tokens.set(id);
    }
    return id != null;
  }
}
