package io.lorashear.spark.source.text;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The encoding that an e-text names in its header, by an IANA name or by a name of its own: {@code
 * ISO-8859-2 (Latin-2)}, {@code IBM850 (DOS)}, {@code ISO Latin-1}, {@code Windows Codepage 1252}.
 */
public final class DeclaredEncoding {
  /** The usual encoding of files that declare ISO-8859-1; both agree where both are defined. */
  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  private static final Pattern DECLARED =
      Pattern.compile(
          "(?im)^[ \\t*]*Cha[a-z]*[ \\t]*set[ \\t]+encoding[ \\t]*:[ \\t]*(\\S[^\\r\\n]*)");

  /**
   * Number of characters that are searched for the declaration; the longest headers had that many.
   */
  private static final int HEADER = 20_000;

  /** Encodings of Chinese, Japanese and Korean whose bytes look like ASCII. */
  private static final String SEVEN_BITS = "ISO-2022";

  private static final byte[] ASCII = "Title: Az 09".getBytes(StandardCharsets.US_ASCII);

  private DeclaredEncoding() {}

  /**
   * A text, and the encoding by which it was read.
   *
   * @param declared the encoding that its header declares; empty if none
   * @param asDeclared whether the bytes are valid in that encoding
   */
  public record Read(String text, Charset charset, String declared, boolean asDeclared) {}

  /**
   * The text of a book: decoded from Unicode if its bytes are valid; else from the encoding it
   * declares; else from Windows-1252, the usual encoding of old books. Empty if the bytes fit none.
   */
  public static Optional<Read> read(byte[] bytes) {
    var declared = declared(bytes);
    var named = named(declared);
    for (var charset : candidates(bytes, named)) {
      var text = Encodings.decode(bytes, charset);
      if (text.isPresent()) {
        var fits = declared.isEmpty() || highest(bytes) < 0x80 || fits(bytes, charset, named);
        return Optional.of(new Read(text.get(), charset, declared, fits));
      }
    }
    return Optional.empty();
  }

  private static List<Charset> candidates(byte[] bytes, List<Charset> named) {
    var candidates = new ArrayList<Charset>();
    named.stream()
        .filter(charset -> charset.name().startsWith(SEVEN_BITS))
        .forEach(candidates::add);
    candidates.add(Encodings.charset(bytes));
    named.forEach(charset -> candidates.add(isLatin1(charset) ? WINDOWS_1252 : charset));
    candidates.add(WINDOWS_1252);
    candidates.addAll(named);
    return candidates;
  }

  /**
   * Whether the bytes fit the encoding; Latin-1 has no printable characters where Windows-1252 has
   * quotation marks and dashes.
   */
  private static boolean fits(byte[] bytes, Charset charset, List<Charset> named) {
    var latin = named.stream().anyMatch(DeclaredEncoding::isLatin1);
    var read = isLatin1(charset) || charset.equals(WINDOWS_1252);
    return latin && read ? !hasControls(bytes) : named.contains(charset);
  }

  private static boolean isLatin1(Charset charset) {
    return charset.equals(StandardCharsets.ISO_8859_1);
  }

  private static boolean hasControls(byte[] bytes) {
    for (var b : bytes) {
      if ((b & 0xe0) == 0x80) {
        return true;
      }
    }
    return false;
  }

  private static int highest(byte[] bytes) {
    var highest = 0;
    for (var b : bytes) {
      highest = Math.max(highest, b & 0xff);
    }
    return highest;
  }

  private static String declared(byte[] bytes) {
    var length = Math.min(bytes.length, HEADER);
    var unicode = Encodings.charset(bytes);
    var bytewise = unicode.equals(StandardCharsets.UTF_8) ? StandardCharsets.ISO_8859_1 : unicode;
    var matcher = DECLARED.matcher(new String(bytes, 0, length, bytewise));
    return matcher.find() ? matcher.group(1).strip() : "";
  }

  /**
   * The encodings that a name may mean, tried with the whole name, the parts outside and inside
   * parentheses, and its words.
   */
  static List<Charset> named(String name) {
    var parts =
        Stream.of("(?!)", "[()\\[\\],;/]+", "[^\\w-]+")
            .flatMap(apart -> Stream.of(name.split(apart, -1)))
            .map(String::strip)
            .toList();
    var known = parts.stream().flatMap(part -> registered(part).stream()).distinct().toList();
    return known.isEmpty()
        ? parts.stream().flatMap(part -> Spelling.any(part).stream()).distinct().toList()
        : known;
  }

  private static Optional<Charset> registered(String name) {
    try {
      return Optional.of(Charset.forName(name)).filter(DeclaredEncoding::hasAscii);
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // the next part may be an encoding
    }
  }

  /** Whether the encoding contains ASCII, so that an ASCII header can be read. */
  private static boolean hasAscii(Charset charset) {
    return new String(ASCII, charset).equals(new String(ASCII, StandardCharsets.US_ASCII));
  }

  /**
   * Finds encodings by names as people write them, compared without spaces, dashes and prefixes.
   */
  private static final class Spelling {
    private static final Map<String, Charset> KNOWN = known();

    private Spelling() {}

    static Optional<Charset> any(String name) {
      return Optional.ofNullable(KNOWN.get(key(name)));
    }

    private static Map<String, Charset> known() {
      var known = new HashMap<String, Charset>();
      for (var charset : Charset.availableCharsets().values()) {
        if (hasAscii(charset)) {
          charset.aliases().forEach(alias -> known.putIfAbsent(key(alias), charset));
          known.put(key(charset.name()), charset);
        }
      }
      known.put("ansi", WINDOWS_1252);
      return Map.copyOf(known);
    }

    private static String key(String name) {
      return name.toLowerCase(Locale.ROOT)
          .replaceAll("code ?page|^cs(?=iso)|^(?:ms|pc)[ -]|[^a-z0-9]", "")
          .replaceFirst("^(?:dos|oem|cp|ibm)(?=\\d)", "ibm")
          .replaceFirst("^(?:windows|win)?(?=125\\d$)", "windows");
    }
  }
}
