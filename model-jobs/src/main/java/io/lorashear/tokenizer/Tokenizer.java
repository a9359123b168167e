package io.lorashear.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.lorashear.InputException;
import io.lorashear.device.Natives;
import io.lorashear.run.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Text to token ids and back, with the model's own {@code tokenizer.json}.
 *
 * <p>The whole text is encoded, whatever its length; no begin or end token is added. A special
 * token spelled out in the text becomes that token, as in Hugging Face's library. Thread-safe. It
 * holds native memory and cannot be serialised: tasks on Spark's executors take it from {@link
 * #shared}.
 */
public final class Tokenizer implements AutoCloseable {

  private static final Map<String, String> WHOLE_TEXT =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

  private static final ConcurrentHashMap<String, Tokenizer> SHARED = new ConcurrentHashMap<>();

  private final Path file;
  private final HuggingFaceTokenizer library;
  private final Vocabulary vocabulary;
  private final Optional<Pieces> pieces;
  private final String sha256;
  private final int rows;

  private Tokenizer(
      Path file,
      HuggingFaceTokenizer library,
      Vocabulary vocabulary,
      Optional<Pieces> pieces,
      String sha256,
      int rows) {
    this.rows = rows;
    this.pieces = pieces;
    this.file = file;
    this.library = library;
    this.vocabulary = vocabulary;
    this.sha256 = sha256;
  }

  /**
   * Opens a {@code tokenizer.json}, or the one in the given folder.
   *
   * @throws InputException if the file is missing, not JSON, or not understood by the library
   */
  public static Tokenizer open(Path path) {
    return open(path, Integer.MAX_VALUE);
  }

  /**
   * {@link #open(Path)} for a model whose embedding has {@code rows} rows: encoding refuses a text
   * that contains an added token beyond them.
   */
  public static Tokenizer open(Path path, int rows) {
    Path file = file(path);
    return open(file, bytes(file), rows);
  }

  static Path file(Path path) {
    return Files.isDirectory(path) ? path.resolve("tokenizer.json") : path;
  }

  /**
   * Opens a {@code tokenizer.json} by its content.
   *
   * @param file where the content comes from
   * @throws InputException if it is not JSON, or not understood by the library
   */
  public static Tokenizer open(Path file, byte[] json) {
    return open(file, json, Integer.MAX_VALUE);
  }

  private static Tokenizer open(Path file, byte[] json, int rows) {
    var vocabulary = Vocabulary.of(file, json);
    var words = new PlainWords.Later(json);
    var library = library(file, json);
    var pieces =
        vocabulary
            .cuts()
            .map(cuts -> new Pieces(vocabulary, cuts, words, text -> ids(library, text)));
    return new Tokenizer(file, library, vocabulary, pieces, Sha256.of(json), rows);
  }

  /**
   * The tokenizer with this content, shared by the whole JVM; it stays open.
   *
   * @param sha256 hash of the content
   * @param json supplies the content if the tokenizer is not open yet
   */
  public static Tokenizer shared(String sha256, Supplier<byte[]> json) {
    return SHARED.computeIfAbsent(sha256, hash -> open(Path.of("tokenizer.json"), json.get()));
  }

  /**
   * Like {@link #open(Path)}, but shared by the whole JVM for equal content; it stays open.
   *
   * @throws InputException as {@link #open(Path)} does
   */
  public static Tokenizer shared(Path path) {
    var file = file(path);
    var json = bytes(file);
    var one = SHARED.computeIfAbsent(Sha256.of(json), hash -> open(file, json));
    return new Tokenizer(file, one.library, one.vocabulary, one.pieces, one.sha256, one.rows);
  }

  /**
   * Ids of the whole text: (tokens,).
   *
   * @throws InputException if it contains a token for which the model has no row
   */
  public int[] encode(String text) {
    var read = wellFormed(text);
    int[] ids = pieces.map(each -> each.encode(read)).orElseGet(() -> ids(library, read));
    for (int id : ids) {
      if (id >= rows) {
        throw new InputException(
            "A text holds the token %s of %s, whose id is %d, but the model's embedding has %d"
                + " rows: take the token out of added_tokens there to have it read as plain text",
            decode(new int[] {id}), file, id, rows);
      }
    }
    return ids;
  }

  /**
   * The ids that {@link #encode} gives, by one native call whatever the text's length: what the
   * library alone can do, which a benchmark compares with.
   */
  public int[] encodeAtOnce(String text) {
    return ids(library, wellFormed(text));
  }

  /** The number of ids that {@link #encode} gives; words counted before come from a cache. */
  public int count(String text) {
    return count(wellFormed(text), Integer.MAX_VALUE);
  }

  /**
   * Whether {@link #encode} gives more than {@code limit} ids; reads only as much of the text as is
   * needed to know.
   *
   * @param limit 0 or more
   */
  public boolean exceeds(String text, int limit) {
    return !tooShort(text, limit)
        && (pieces.map(each -> each.exceed(text, limit)).orElse(false)
            || count(wellFormed(text), limit) > limit);
  }

  /**
   * Whether the text certainly has at most {@code limit} tokens: a token has at least one byte, and
   * a UTF-16 unit at most three.
   */
  private boolean tooShort(String text, int limit) {
    return vocabulary.bytes().isPresent() && text.length() * 3L <= limit;
  }

  private int count(String text, int limit) {
    return pieces.map(each -> each.count(text, limit)).orElseGet(() -> ids(library, text).length);
  }

  /**
   * How many ids of a text lie completely within its beginning {@code begin}.
   *
   * @param begin beginning of the text
   * @param text the whole text
   * @param ids of {@code text}, as {@link #encode} gives them
   */
  public int tokensOf(String begin, String text, int[] ids) {
    return vocabulary
        .bytes()
        .map(lengths -> lengths.within(ids, bytes(begin), bytes(text)))
        .orElse(OptionalInt.empty())
        .orElseGet(() -> commonPrefix(encode(begin), ids));
  }

  private static int bytes(String text) {
    return wellFormed(text).getBytes(StandardCharsets.UTF_8).length;
  }

  private static int commonPrefix(int[] begin, int[] all) {
    int mismatch = Arrays.mismatch(begin, all);
    return mismatch < 0 ? all.length : mismatch;
  }

  /**
   * The native call that yields ids alone. The library's own {@code encode} also builds tokens,
   * spans and masks as Java objects, which takes longer than the tokenising.
   */
  private static int[] ids(HuggingFaceTokenizer library, String text) {
    long encoding = TokenizersLibrary.LIB.encode(library.getHandle(), text, false);
    try {
      return narrowed(TokenizersLibrary.LIB.getTokenIds(encoding));
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  Optional<Pieces> pieces() {
    return pieces;
  }

  /** The same ids by the library's public interface; a test compares the two. */
  int[] encodeByPublicInterface(String text) {
    return narrowed(library.encode(wellFormed(text), false, false).getIds());
  }

  /**
   * Text of {@code ids}, special tokens spelled out; bytes that do not form a character become
   * U+FFFD.
   */
  public String decode(int[] ids) {
    return library.decode(Arrays.stream(ids).asLongStream().toArray(), false);
  }

  /** One more than the highest id: the minimum number of rows of an embedding. */
  public int size() {
    return vocabulary.size();
  }

  /** The id that separates documents, if the vocabulary has a token of a known name for it. */
  public OptionalInt findEndOfText() {
    return vocabulary.endOfText();
  }

  /**
   * The id that separates documents.
   *
   * @throws InputException if the vocabulary has no token of a known name for it
   */
  public int endOfText() {
    return vocabulary
        .endOfText()
        .orElseThrow(
            () ->
                new InputException(
                    "%s has no end-of-text token such as <|endoftext|> or </s>:"
                        + " add one to its added_tokens",
                    file));
  }

  /** SHA-256 of the file's bytes, in hexadecimal, as recorded in manifests. */
  public String sha256() {
    return sha256;
  }

  /** The current content of {@link #file}. */
  public byte[] json() {
    return bytes(file);
  }

  /** The {@code tokenizer.json} this was read from. */
  public Path file() {
    return file;
  }

  @Override
  public void close() {
    library.close();
  }

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new InputException(
          e, "%s: no such file; give the tokenizer.json that came with the model", file);
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s)", file, e.getMessage());
    }
  }

  private static HuggingFaceTokenizer library(Path file, byte[] json) {
    try {
      Natives.settle();
      return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), WHOLE_TEXT);
    } catch (IOException | RuntimeException e) {
      throw new InputException(
          e,
          "%s is no tokenizer the library can read (%s):"
              + " give the tokenizer.json that came with the model",
          file,
          Optional.ofNullable(e.getMessage()).orElse(e.toString()));
    }
  }

  /** Replaces unpaired surrogates, which the native library does not accept, by U+FFFD. */
  private static String wellFormed(String text) {
    return isWellFormed(text)
        ? text
        : text.codePoints()
            .map(c -> isSurrogate(c) ? 0xFFFD : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
  }

  private static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i)) && isSurrogate(text.codePointAt(i++))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  private static int[] narrowed(long[] ids) {
    int[] narrow = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      narrow[i] = (int) ids[i];
    }
    return narrow;
  }
}
