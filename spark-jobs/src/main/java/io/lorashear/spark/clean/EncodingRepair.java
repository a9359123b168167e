package io.lorashear.spark.clean;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Repairs UTF-8 text that was read as Windows-1252 and saved again: {@code cafÃ©} (Speer, ftfy,
 * 2019). Each run of non-ASCII characters is encoded as bytes; if nearly all runs of a document are
 * valid UTF-8, they are decoded as UTF-8. Correct text is unchanged, because a single accented
 * letter is never valid UTF-8.
 */
record EncodingRepair() implements CleaningRule {
  private static final long serialVersionUID = 1;

  /** One run in so many may be something other than misread UTF-8. */
  private static final int MOST_OTHERS = 9;

  /** Text may have been misread more than once. */
  private static final int ROUNDS = 3;

  /**
   * The misread closing quotation mark: Windows-1252 does not define the last of its three bytes,
   * and many readers lost it. No other common mark begins with the same two bytes and ends with an
   * undefined one.
   */
  private static final String LOST_QUOTE = "â€\ufffd";

  private static final String QUOTE = "â€\u009d";

  /** Range of the first byte of a multi-byte character, as read in Windows-1252. */
  private static final char FIRST_LEAD = 'Â';

  private static final char LAST_LEAD = 'ô';

  private static final Pattern RUN = Pattern.compile("[^\\x00-\\x7f]+");
  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  @Override
  public String reason() {
    return "encoding-repair";
  }

  @Override
  public Draft apply(Draft draft) {
    var repaired = draft;
    for (var round = 0; round < ROUNDS && misread(repaired.text() + repaired.response()); round++) {
      repaired = repaired.rewritten(EncodingRepair::reread);
    }
    return repaired;
  }

  private static boolean misread(String text) {
    var runs = RUN.matcher(text);
    var decodable = 0;
    var others = 0;
    while (runs.find()) {
      if (decoded(runs.group()).isPresent()) {
        decodable++;
      } else {
        others++;
      }
    }
    return decodable > 0 && decodable >= MOST_OTHERS * others;
  }

  private static String reread(String text) {
    return RUN.matcher(text)
        .replaceAll(run -> Matcher.quoteReplacement(decoded(run.group()).orElse(run.group())));
  }

  /** The run decoded as UTF-8, if it is valid. */
  private static Optional<String> decoded(String run) {
    if (run.length() < 2 || run.charAt(0) < FIRST_LEAD || run.charAt(0) > LAST_LEAD) {
      return Optional.empty(); // not misread, the usual case; without an exception
    }
    try {
      var bytes = bytes(run.replace(LOST_QUOTE, QUOTE));
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /**
   * The run as bytes. Windows-1252 leaves five bytes undefined, which readers turn into control
   * characters.
   */
  private static ByteBuffer bytes(String run) throws CharacterCodingException {
    var bytes = ByteBuffer.allocate(run.length());
    for (var i = 0; i < run.length(); i++) {
      var c = run.charAt(i);
      if (c >= 0x80 && c < 0xA0) {
        bytes.put((byte) c);
      } else {
        bytes.put(WINDOWS_1252.newEncoder().encode(CharBuffer.wrap(run, i, i + 1)));
      }
    }
    return bytes.flip();
  }
}
