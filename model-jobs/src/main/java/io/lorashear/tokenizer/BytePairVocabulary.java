package io.lorashear.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A trained byte-level vocabulary, written as {@code tokenizer.json} for Hugging Face's libraries.
 */
public final class BytePairVocabulary {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final int BYTES = 256;
  private static final String[] LETTERS = letters();

  private final List<byte[]> tokens;
  private final List<int[]> merges;

  BytePairVocabulary(List<byte[]> tokens, List<int[]> merges) {
    this.tokens = List.copyOf(tokens);
    this.merges = List.copyOf(merges);
  }

  /** Number of tokens. */
  public int size() {
    return tokens.size();
  }

  /** Writes {@code tokenizer.json} into the folder and returns its path. */
  public Path write(Path directory) {
    var file = directory.resolve("tokenizer.json");
    try {
      Files.createDirectories(directory);
      return Files.writeString(file, json());
    } catch (IOException e) {
      throw new InputException(e, "cannot write %s: %s", file, e);
    }
  }

  /** The content of {@code tokenizer.json}. */
  public String json() {
    var root = JSON.createObjectNode().put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    root.putArray("added_tokens").add(endOfText());
    root.putNull("normalizer");
    root.set("pre_tokenizer", byteLevel());
    root.putNull("post_processor");
    root.set("decoder", byteLevel());
    root.set("model", model());
    try {
      return JSON.writeValueAsString(root).replace("\r\n", "\n") + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ObjectNode endOfText() {
    return JSON.createObjectNode()
        .put("id", 0)
        .put("content", BytePairTrainer.END_OF_TEXT)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
  }

  private static ObjectNode byteLevel() {
    return JSON.createObjectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", true);
  }

  private ObjectNode model() {
    var model = JSON.createObjectNode().put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    var vocabulary = model.putObject("vocab").put(BytePairTrainer.END_OF_TEXT, 0);
    for (var id = 1; id < tokens.size(); id++) {
      vocabulary.put(spelled(tokens.get(id)), id);
    }
    var list = model.putArray("merges");
    merges.forEach(
        pair -> list.add(spelled(tokens.get(pair[0])) + " " + spelled(tokens.get(pair[1]))));
    return model;
  }

  private static String spelled(byte[] bytes) {
    var text = new StringBuilder();
    for (var b : bytes) {
      text.append(LETTERS[Byte.toUnsignedInt(b)]);
    }
    return text.toString();
  }

  /**
   * GPT-2's printable stand-in for every byte: the byte itself if it is printable in Latin-1,
   * otherwise a character from U+0100 on.
   */
  private static String[] letters() {
    var letters = new String[BYTES];
    var next = 256;
    for (var b = 0; b < BYTES; b++) {
      var printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
      letters[b] = Character.toString(printable ? b : next++);
    }
    return letters;
  }

  /** GPT-2's character for a byte, 0 to 255. */
  static String letter(int b) {
    return LETTERS[b];
  }

  /** The token's text; a lone byte of a longer character becomes U+FFFD. */
  public String token(int id) {
    return new String(tokens.get(id), StandardCharsets.UTF_8);
  }
}
