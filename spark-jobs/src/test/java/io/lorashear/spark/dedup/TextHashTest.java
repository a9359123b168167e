package io.lorashear.spark.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextHashTest {
  private static final int[] HARD =
      "aB ÄßİΣσ \t\n\u000b\f\r\u001c\u001f\u0085\u00a0\u1680\u2003\u2028\u3000\u200b\ufeff.🦙éŒ’Жж\u212a\u212b\u007f日"
          .codePoints()
          .toArray();

  @Test
  void aTextIsItsWordsInLowerCaseOneSpaceApart() throws NoSuchAlgorithmException {
    var random = new Random(2);
    for (var round = 0; round < 3000; round++) {
      var text = text(random);
      var response = text(random);
      assertThat(TextHash.of(text, response)).as(text).isEqualTo(byPatterns(text, response));
    }
    assertThat(TextHash.of("A  b\n", "")).isEqualTo(TextHash.of(" a\u00a0B", ""));
    assertThat(TextHash.of("a b", "")).isNotEqualTo(TextHash.of("ab", ""));
    assertThat(TextHash.of("a", "b")).isNotEqualTo(TextHash.of("a b", ""));
  }

  private static String text(Random random) {
    var text = new StringBuilder();
    for (var i = random.nextInt(12); i > 0; i--) {
      text.appendCodePoint(HARD[random.nextInt(HARD.length)]);
    }
    return text.toString();
  }

  private static String byPatterns(String text, String response) throws NoSuchAlgorithmException {
    var whole = plain(text) + "\0" + plain(response);
    var sha256 = MessageDigest.getInstance("SHA-256");
    return HexFormat.of()
        .formatHex(sha256.digest(whole.getBytes(StandardCharsets.UTF_8)))
        .substring(0, 32);
  }

  private static String plain(String text) {
    return text.replaceAll("[\\s\\p{Z}]+", " ").strip().toLowerCase(Locale.ROOT);
  }
}
