package io.lorashear.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Encodes plain words without the library, which takes ten times as long per word: the steps of
 * {@link CuttingRules} in Java, then {@link Merges}. Plain characters are letters, digits and
 * punctuation of ASCII and Latin-1, and common quotation marks and dashes: they are classified as
 * letters or numbers alike in all versions of Unicode, and NFC does not change them.
 *
 * <pre>
 *   " don't"  →  " don" | "'t"  →  Ġ d o n | ' t  →  Ġdon | 't
 * </pre>
 */
final class PlainWords {
  /** Result of {@link #ids} for words that are not plain. */
  static final int[] OTHER = {};

  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private static final Pattern ONE_DIGIT = Pattern.compile("\\p{N}|\\P{N}+");
  private static final Pattern DIGITS = Pattern.compile("\\p{N}+|\\P{N}+");

  /**
   * Not plain: the feminine and masculine ordinals, which were lower-case letters in older versions
   * of Unicode, and the soft hyphen, which is invisible.
   */
  private static final String CHANGED = "\u00aa\u00ba\u00ad";

  private final Merges merges;
  private final List<Pattern> steps;
  private final BitSet plain;
  private final boolean bytes;
  private final String before;

  /** Ids of single characters, including those that stand for bytes; -1 if there is none. */
  private final int[] symbols = new int[CuttingRules.LOWER_BLOCK.charAt(0) + 1];

  /**
   * Ids of words that are tokens regardless of the merges; empty unless the model has {@code
   * ignore_merges}.
   */
  private final Map<String, Integer> tokens = new HashMap<>();

  private PlainWords(JsonNode root, Merges merges, List<Pattern> steps) {
    this.merges = merges;
    this.steps = steps;
    bytes = CuttingRules.ofBytes(root);
    before = CuttingRules.putsSpace(root) ? CuttingRules.LOWER_BLOCK : "";
    plain = plain(root);
    var vocabulary = root.path("model").path("vocab");
    for (char c = 0; c < symbols.length; c++) {
      symbols[c] = vocabulary.path(Character.toString(c)).asInt(-1);
    }
    if (root.path("model").path("ignore_merges").asBoolean()) {
      vocabulary
          .properties()
          .forEach(token -> tokens.put(token.getKey(), token.getValue().asInt()));
    }
  }

  /** Created when the first word is encoded, because not every user of a tokenizer encodes. */
  static final class Later {
    private byte @Nullable [] json;
    private Optional<PlainWords> words = Optional.empty();
    private volatile boolean made;

    Later(byte[] json) {
      this.json = json;
    }

    int[] ids(String word) {
      if (!made) {
        make();
      }
      return words.map(each -> each.ids(word)).orElse(OTHER);
    }

    private synchronized void make() {
      if (json != null) {
        words = of(Vocabulary.parsed(Path.of("tokenizer.json"), json));
        json = null;
        made = true;
      }
    }
  }

  /** The encoder for a {@code tokenizer.json}; empty if it has a step that is unknown here. */
  static Optional<PlainWords> of(JsonNode root) {
    if (!CuttingRules.known(root) || CuttingRules.putsByteSpaceBefore(root)) {
      return Optional.empty();
    }
    var steps = new ArrayList<Pattern>();
    for (var step : CuttingRules.steps(root.path("pre_tokenizer"), "pretokenizers").toList()) {
      steps.addAll(patterns(step));
    }
    return Merges.of(root.path("model")).map(merges -> new PlainWords(root, merges, steps));
  }

  /**
   * The patterns by which a step splits words: a known pattern, digits, or none, because plain
   * words contain no space to split at.
   */
  private static List<Pattern> patterns(JsonNode step) {
    var regex = step.path("pattern").path("Regex").asText();
    return switch (step.path("type").asText()) {
      case "Digits" -> List.of(step.path("individual_digits").asBoolean() ? ONE_DIGIT : DIGITS);
      case "ByteLevel" ->
          step.path("use_regex").asBoolean(true) ? List.of(Pattern.compile(GPT2)) : List.of();
      default -> regex.isEmpty() ? List.of() : List.of(Pattern.compile(regex));
    };
  }

  private static BitSet plain(JsonNode root) {
    var plain = new BitSet();
    plain.set('!', '~' + 1);
    plain.set('\u00a1', '\u0100');
    plain.set('\u2010', '\u2028');
    CHANGED.chars().forEach(plain::clear);
    for (var token : root.path("added_tokens")) {
      var content = token.path("content").asText();
      if (!content.isEmpty()) {
        plain.clear(content.charAt(0));
      }
    }
    return plain;
  }

  /**
   * The ids of a word, which may begin with a space or a line end; {@link #OTHER} if it is not
   * plain.
   */
  int[] ids(String word) {
    if (!isPlain(word)) {
      return OTHER;
    }
    var parts = List.of(bytes ? word : before + word.replace(" ", CuttingRules.LOWER_BLOCK));
    for (var step : steps) {
      parts = cut(parts, step);
    }
    var all = OTHER;
    for (var part : parts) {
      int[] ids = tokens(part);
      if (ids.length == 0) {
        return OTHER;
      }
      int end = all.length;
      all = Arrays.copyOf(all, end + ids.length);
      System.arraycopy(ids, 0, all, end, ids.length);
    }
    return all;
  }

  private boolean isPlain(String word) {
    char first = word.charAt(0);
    boolean space = first == ' ' && before.isEmpty() || first == '\n' && bytes;
    for (int i = space ? 1 : 0; i < word.length(); i++) {
      if (!plain.get(word.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static List<String> cut(List<String> parts, Pattern step) {
    var cut = new ArrayList<String>();
    for (var part : parts) {
      var found = step.matcher(part);
      int end = 0;
      while (found.find()) {
        if (found.start() > end) {
          cut.add(part.substring(end, found.start()));
        }
        cut.add(found.group());
        end = found.end();
      }
      if (end < part.length()) {
        cut.add(part.substring(end));
      }
    }
    return cut;
  }

  private int[] tokens(String part) {
    var written = bytes ? letters(part) : part;
    var whole = tokens.get(written);
    if (whole != null) {
      return new int[] {whole};
    }
    var ids = new int[written.length()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = symbols[written.charAt(i)];
      if (ids[i] < 0) {
        return OTHER;
      }
    }
    return Arrays.copyOf(ids, merges.merge(ids, ids.length));
  }

  private static String letters(String part) {
    var letters = new StringBuilder();
    for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
      letters.append(BytePairVocabulary.letter(b & 0xFF));
    }
    return letters.toString();
  }
}
