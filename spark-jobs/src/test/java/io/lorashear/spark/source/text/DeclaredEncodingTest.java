package io.lorashear.spark.source.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeclaredEncodingTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ISO-8859-2 (Latin-2)      | ISO-8859-2   | žluť
          Latin-2                   | ISO-8859-2   | žluť
          IBM850 (DOS)              | IBM850       | été
          Codepage 850              | IBM850       | été
          (DOS) cp437               | IBM437       | été
          ISO Latin-1               | windows-1252 | été
          ISO-LATIN-1               | windows-1252 | été
          Windows Codepage 1252     | windows-1252 | “été”
          CP-1251                   | windows-1251 | война
          windows-1250              | windows-1250 | žluť
          MS Windows 1250           | windows-1250 | žluť
          KOI8-R                    | KOI8-R       | война
          Big5                      | Big5         | 老殘
          GB2312                    | GB2312       | 中国
          Shift_JIS                 | Shift_JIS    | 日本語
          ISO-2022-JP               | ISO-2022-JP  | 日本語
          ISO-8859-7 (Greek), 8-bit | ISO-8859-7   | λόγος
          Unicode UTF-8             | UTF-8        | λόγος
          """)
  void aNameIsReadInWhateverWayItIsWritten(String name, String charset, String word) {
    var text = "Title: Tales\r\n\r\nCharacter set encoding: " + name + "\r\n\r\n" + word;
    var read = DeclaredEncoding.read(text.getBytes(Charset.forName(charset))).orElseThrow();
    assertThat(read.text()).isEqualTo(text);
    assertThat(read.declared()).isEqualTo(name);
    assertThat(read.asDeclared()).isTrue();
  }

  @Test
  void whatIsNotAsDeclaredIsTold() {
    assertThat(read("ASCII", "naïve", UTF_8)).isEqualTo("naïve UTF-8 false");
    assertThat(read("ISO-8859-1", "naïve", UTF_8)).isEqualTo("naïve UTF-8 false");
    assertThat(read("UTF-8", "naïve", ISO_8859_1)).isEqualTo("naïve windows-1252 false");
    assertThat(read("US-ASCII", "naïve", ISO_8859_1)).isEqualTo("naïve windows-1252 false");
    assertThat(read("MIDI", "naïve", ISO_8859_1)).isEqualTo("naïve windows-1252 false");
    assertThat(read("ISO-8859-1", "“naïve”", Charset.forName("windows-1252")))
        .isEqualTo("“naïve” windows-1252 false");
    assertThat(read("ISO-8859-1", "naïve\u0081", ISO_8859_1))
        .isEqualTo("naïve\u0081 ISO-8859-1 false");
    assertThat(read("N/A", "naive", US_ASCII)).isEqualTo("naive UTF-8 true");
  }

  /** The last word, the encoding it was read in, and whether it is the declared one. */
  private static String read(String declared, String word, Charset charset) {
    var text = "Chatacter set encoding: " + declared + "\n\n" + word;
    var read = DeclaredEncoding.read(text.getBytes(charset)).orElseThrow();
    return "%s %s %s"
        .formatted(
            read.text().substring(text.length() - word.length()),
            read.charset(),
            read.asDeclared());
  }

  @Test
  void withoutADeclarationItIsUnicodeOrWindowsLatin1() {
    var latin = DeclaredEncoding.read("naïve".getBytes(ISO_8859_1)).orElseThrow();
    assertThat(latin.text()).isEqualTo("naïve");
    assertThat(latin.asDeclared()).isTrue();
    assertThat(DeclaredEncoding.read("naïve".getBytes(UTF_8)).orElseThrow().text())
        .isEqualTo("naïve");
    assertThat(DeclaredEncoding.read(new byte[] {'a', (byte) 0x81})).isEmpty();
  }
}
