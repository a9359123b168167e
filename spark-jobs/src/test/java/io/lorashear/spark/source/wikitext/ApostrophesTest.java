package io.lorashear.spark.source.wikitext;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApostrophesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "''Falcon'''s wing and '''bold''' type~Falcon's wing and bold type",
        "'''The bold''' and l'''oblique'' one~The bold and l'oblique one",
        "All'''Eneide'' segue nell'''Asino'' altro~All'Eneide segue nell'Asino altro",
        "''One'''s and ''Two'''s and ''Three'''s~One's and Two's and Three's",
        "''''four'''' of them~'four' of them",
        "'''''both''''' at once, '''''one''' then the other''~both at once, one then the other",
        "''''''six~'six",
        "an ''open italic~an open italic",
        "it's the dogs' 'own'~it's the dogs' 'own'",
        "'''[[Bold]]''' ''[[a|b]]'''s x~[[Bold]] [[a|b]]'s x",
      })
  void linesAsMediaWikiReadsThem(String line, String text) {
    assertThat(Apostrophes.without(line)).isEqualTo(text);
  }

  @Property
  void onlyApostrophesGo(
      @ForAll @Chars({'\'', 'a', ' ', '\n'}) @StringLength(max = 40) String text) {
    var read = Apostrophes.without(text);
    assertThat(read.replace("'", "")).isEqualTo(text.replace("'", ""));
    assertThat(text.replace("'", "").length()).isLessThanOrEqualTo(read.length());
  }

  @Property
  void linesAreReadOneByOne(@ForAll @Chars({'\'', 'a', ' '}) @StringLength(max = 20) String line) {
    assertThat(Apostrophes.without(line + "\nx")).isEqualTo(Apostrophes.without(line + "\n") + "x");
  }
}
