package io.lorashear.checkpoint.gguf.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.gguf.GgufBytes;
import io.lorashear.reference.ReferenceData;
import io.lorashear.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GPT-2's vocabulary in a GGUF file against byte-level BPE written down here. */
@Tag("reference")
class ByteLevelTest {
  private static final Pattern CUT =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);
  private static final List<String> TEXTS =
      List.of(
          "Hello world",
          "Once upon a time, in a land of 1234567 lakes, they'd said: \"don't\"!",
          "  two spaces, a tab\tand\nlines\n\n",
          "naïve café 😀 日本語 ½",
          "x_y = (a+b)*c; // done<|endoftext|>");

  private final Map<String, Integer> vocabulary = new HashMap<>();
  private final Map<String, Integer> ranks = new HashMap<>();
  private final List<String> merges = new ArrayList<>();

  @TempDir Path folder;

  private static byte[] unzipped(String name) throws IOException {
    var file = ReferenceData.path("data/models/gpt2-tokenizer/" + name);
    try (var zipped = new GZIPInputStream(Files.newInputStream(file))) {
      return zipped.readAllBytes();
    }
  }

  private Path gguf() throws IOException {
    for (var token : new ObjectMapper().readTree(unzipped("vocab.json.gz")).properties()) {
      vocabulary.put(token.getKey(), token.getValue().asInt());
    }
    new String(unzipped("merges.txt.gz"), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.startsWith("#version") && !line.isBlank())
        .forEach(merges::add);
    merges.forEach(merge -> ranks.put(merge, ranks.size()));
    var tokens = new ArrayList<>(Collections.nCopies(vocabulary.size(), ""));
    vocabulary.forEach((token, id) -> tokens.set(id, token));
    var kinds = new ArrayList<>(Collections.nCopies(tokens.size(), 1));
    kinds.set(vocabulary.get("<|endoftext|>"), 3);
    return GgufBytes.gpt2()
        .with("tokenizer.ggml.tokens", tokens)
        .with("tokenizer.ggml.merges", merges)
        .with("tokenizer.ggml.token_type", kinds)
        .with("tokenizer.ggml.eos_token_id", vocabulary.get("<|endoftext|>"))
        .counting("token_embd.weight", 8, tokens.size())
        .without("output.weight")
        .write(folder.resolve("model.gguf"));
  }

  @Test
  void textsBecomeTheIdsOfGpt2() throws IOException {
    try (var model = Checkpoint.open(gguf(), folder);
        var tokenizer = Tokenizer.open(model.tokenizer())) {
      assertThat(tokenizer.encode("Hello world")).containsExactly(15496, 995);
      for (var text : TEXTS) {
        var ids = tokenizer.encode(text);
        assertThat(ids).as(text).containsExactly(encoded(text));
        assertThat(tokenizer.decode(ids)).isEqualTo(text);
      }
    }
  }

  private int[] encoded(String text) {
    var ids = new ArrayList<Integer>();
    var special = "<|endoftext|>";
    for (var part : text.split("(?=\\Q" + special + "\\E)|(?<=\\Q" + special + "\\E)")) {
      if (part.equals(special)) {
        ids.add(vocabulary.get(special));
        continue;
      }
      var words = CUT.matcher(part);
      while (words.find()) {
        merged(words.group()).forEach(piece -> ids.add(vocabulary.get(piece)));
      }
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The pair of lowest rank is joined, everywhere, until none is left. */
  private List<String> merged(String word) {
    var pieces = new ArrayList<String>();
    for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
      pieces.add(letter(b & 0xff));
    }
    while (true) {
      int best = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < pieces.size(); i++) {
        best = Math.min(best, rank(pieces, i));
      }
      if (best == Integer.MAX_VALUE) {
        return pieces;
      }
      for (int i = 0; i + 1 < pieces.size(); i++) {
        if (rank(pieces, i) == best) {
          pieces.set(i, pieces.get(i) + pieces.remove(i + 1));
        }
      }
    }
  }

  private int rank(List<String> pieces, int i) {
    return ranks.getOrDefault(pieces.get(i) + " " + pieces.get(i + 1), Integer.MAX_VALUE);
  }

  /** GPT-2's letter for a byte: itself where it can be seen, else the next from U+0100 on. */
  private static String letter(int wanted) {
    int next = 256;
    for (int b = 0; ; b++) {
      boolean seen = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
      if (b == wanted) {
        return String.valueOf((char) (seen ? b : next));
      }
      next += seen ? 0 : 1;
    }
  }
}
