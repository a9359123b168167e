package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Tokenizers whose merges are drawn, in an order that no training would give: several merges make
 * the same token, and some tokens are never reached.
 */
final class RandomVocabulary {
  static final ObjectMapper JSON = new ObjectMapper();

  static final List<String> KINDS =
      List.of("gpt2", "bytes uncut", "whole words first", "llama", "gemma", "metaspace", "unknown");

  private static final String GPT2 =
      "{'type': 'ByteLevel', 'add_prefix_space': false, 'trim_offsets': true, 'use_regex': true}";
  private static final String SPACES =
      "{'type': 'Replace', 'pattern': {'String': ' '}, 'content': '▁'}";
  private static final String BACK =
      "{'type': 'Replace', 'pattern': {'String': '▁'}, 'content': ' '}, {'type': 'ByteFallback'},"
          + " {'type': 'Fuse'}";

  /** Characters of the merges; texts have others, too. */
  private static final String LETTERS = "aabbbcé日";

  private static final String OTHERS = "x7.\n\t語🦙\0<|";

  private RandomVocabulary() {}

  /** The content of a tokenizer.json. */
  static byte[] json(String kind, Random random) {
    try {
      var root = JSON.createObjectNode().put("version", "1.0");
      root.set("normalizer", read(normalizer(kind)));
      root.set("pre_tokenizer", read(preTokenizer(kind)));
      root.set("decoder", read(decoder(kind)));
      var model = model(kind, random);
      var size = model.path("vocab").size();
      var added = root.putArray("added_tokens");
      added.add(added(0, "<unk>")).add(added(size, "<|end|>")).add(added(size + 1, "<|x|>"));
      root.set("model", model);
      return JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static com.fasterxml.jackson.databind.JsonNode read(String json) throws IOException {
    return JSON.readTree(json.replace('\'', '"'));
  }

  private static ObjectNode added(int id, String content) {
    var token = JSON.createObjectNode().put("id", id).put("content", content);
    return token
        .put("special", true)
        .put("normalized", false)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false);
  }

  private static boolean ofBytes(String kind) {
    return List.of("gpt2", "bytes uncut", "whole words first").contains(kind);
  }

  private static String normalizer(String kind) {
    return switch (kind) {
      case "llama", "unknown" ->
          "{'type': 'Sequence', 'normalizers': [{'type': 'Prepend', 'prepend': '▁'}, %s]}"
              .formatted(SPACES);
      case "gemma" -> SPACES;
      default -> "null";
    };
  }

  private static String preTokenizer(String kind) {
    return switch (kind) {
      case "gpt2", "whole words first" -> GPT2;
      case "bytes uncut" -> GPT2.replace("'use_regex': true", "'use_regex': false");
      case "gemma" ->
          "{'type': 'Split', 'pattern': {'String': ' '}, 'behavior': 'MergedWithPrevious',"
              + " 'invert': false}";
      case "metaspace" ->
          "{'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': 'first', 'split': false}";
      default -> "null";
    };
  }

  private static String decoder(String kind) {
    return switch (kind) {
      case "llama", "unknown" ->
          "{'type': 'Sequence', 'decoders': [%s, {'type': 'Strip', 'content': ' ', 'start': 1,"
                  .formatted(BACK)
              + " 'stop': 0}]}";
      case "gemma" -> "{'type': 'Sequence', 'decoders': [%s]}".formatted(BACK);
      case "metaspace" ->
          "{'type': 'Sequence', 'decoders': [{'type': 'ByteFallback'}, {'type': 'Metaspace',"
              + " 'replacement': '▁', 'prepend_scheme': 'first', 'split': false}]}";
      default -> GPT2;
    };
  }

  private static ObjectNode model(String kind, Random random) {
    var ids = new LinkedHashMap<>(Map.of("<unk>", 0));
    var tokens = new ArrayList<String>();
    if (ofBytes(kind)) {
      for (int b = 0; b < 256; b++) {
        ids.put(BytePairVocabulary.letter(b), ids.size());
      }
      for (byte b : (LETTERS + "  ").getBytes(StandardCharsets.UTF_8)) {
        tokens.add(BytePairVocabulary.letter(b & 0xFF));
      }
    } else {
      for (int b = 0; b < 256 && !kind.equals("unknown"); b++) {
        ids.put("<0x%02X>".formatted(b), ids.size());
      }
      (LETTERS + "▁").chars().forEach(c -> tokens.add(Character.toString(c)));
      tokens.forEach(token -> ids.putIfAbsent(token, ids.size()));
    }
    var model = JSON.createObjectNode().put("type", "BPE");
    var merges = merges(tokens, ids, random);
    model.put("ignore_merges", kind.equals("whole words first"));
    model.put("byte_fallback", !ofBytes(kind) && !kind.equals("unknown"));
    model.put("fuse_unk", true).put("unk_token", "<unk>");
    model.set("vocab", JSON.valueToTree(ids));
    model.set("merges", JSON.valueToTree(merges));
    return model;
  }

  private static List<List<String>> merges(
      List<String> tokens, Map<String, Integer> ids, Random random) {
    var merges = new ArrayList<List<String>>();
    var seen = new HashSet<List<String>>();
    for (int i = 0; i < 60; i++) {
      var left = tokens.get(random.nextInt(tokens.size()));
      var right = tokens.get(random.nextInt(tokens.size()));
      if (left.length() + right.length() <= 8 && seen.add(List.of(left, right))) {
        merges.add(random.nextInt(merges.size() + 1), List.of(left, right));
        if (ids.putIfAbsent(left + right, ids.size()) == null) {
          tokens.add(left + right);
        }
      }
    }
    return merges;
  }

  /** A text mostly of the characters that have merges. */
  static String text(Random random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(40); i > 0; i--) {
      var letters = random.nextInt(8) == 0 ? OTHERS : random.nextInt(6) == 0 ? "  ▁" : LETTERS;
      var points = letters.codePoints().toArray();
      text.appendCodePoint(points[random.nextInt(points.length)]);
      text.append(random.nextInt(60) == 0 ? "<|end|>" : "");
    }
    return text.toString();
  }

  /** About this share of all ids. */
  static BitSet some(int size, double share, Random random) {
    var some = new BitSet();
    for (int id = 0; id < size; id++) {
      some.set(id, random.nextDouble() < share);
    }
    return some;
  }
}
