package io.lorashear.spark.source.wikitext;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WikitextTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "The '''bold''' and ''leaning'' one's tower.~The bold and leaning one's tower.",
        "A [[house]] and [[House (tool)|tools]] in [[:Category:Houses]].~A house and tools in Category:Houses.",
        "Seen [[File:a.jpg|thumb|A [[nested]] caption]] here.~Seen here.",
        "It [http://a.org says so], [http://b.org] [sic].~It says so, [sic].",
        "Born ({{lang-de|Wien}}; {{IPA|x}}) in {{convert|5|km|mi}}.~Born (Wien) in 5 km.",
        "One{{citation needed|date=May {{CURRENTYEAR}}}} two {{{parameter|x}}}three.~One two three.",
        "Fact.<ref name=\"a\">Book {{cite|a=b}}, p. 3</ref> More.<ref name=\"a\" /> End.~Fact. More. End.",
        "Two<br />lines &amp; a &lt;tag&gt;, 3 < 4.~Two lines & a <tag>, 3 < 4.",
        "<nowiki>[[not a link]]</nowiki> stays.~[[not a link]] stays.",
        "Hidden <!-- [[comment]] --> things __NOTOC__ go.~Hidden things go.",
        "An unclosed {{template and [[link stay.~An unclosed {{template and [[link stay.",
        "x<sup>2</sup> and <math>\\frac{1}{2}</math>y~x2 and y",
        "[[de:Haus]] house [[fr:Maison]]~house",
        "It was ({{IPAc-en|x}}, {{respell|y}}; born 1954).~It was (born 1954).",
        "Fish{{snd}}and {{nowrap|chips '''now'''}}.~Fish – and chips now.",
      })
  void markUpInALine(String wikitext, String prose) {
    assertThat(Wikitext.prose(wikitext, Namespaces.ENGLISH)).isEqualTo(prose);
  }

  @Test
  void listsTablesAndEmptySectionsGo() {
    var page =
        """
        {{Infobox
        | name = [[A]]
        }}
        First line
        of a paragraph.

        == Kept ==
        {| class="wikitable"
        | cell {{x}} || {|
        | inner
        |}
        |}
        Text under it.
        === Gone ===
        * one
        # two
        == References ==
        <references />
        [[Category:Things]]
        """;
    assertThat(Wikitext.prose(page, Namespaces.ENGLISH))
        .isEqualTo("First line of a paragraph.\n\nKept\n\nText under it.");
  }

  @Test
  void namesOfAnotherWikisNamespacesAreReadFromItsHeader() {
    var namespaces =
        Namespaces.of(
            "<namespace key=\"6\" case=\"first-letter\">Datei</namespace>"
                + "<namespace key=\"14\" case=\"first-letter\">Kategorie</namespace>");
    assertThat(Wikitext.prose("Das [[Datei:x.png|Bild]] [[Kategorie:Y]]Haus.", namespaces))
        .isEqualTo("Das Haus.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"#REDIRECT [[A]]", "#redirect: [[A]]", "#WEITERLEITUNG [[A#b]]", " #Rinvia [[B]]"})
  void redirectsInAnyLanguage(String wikitext) {
    assertThat(Wikitext.isRedirect(wikitext)).isTrue();
  }

  @Test
  void listsOfNamesAreToldFromArticlesThatLinkToThem() {
    assertThat(Wikitext.isDisambiguation("A", "x {{disambiguation|geo}}")).isTrue();
    assertThat(Wikitext.isDisambiguation("A", "x {{Hndis|Name, A}}")).isTrue();
    assertThat(Wikitext.isDisambiguation("A (disambiguation)", "x")).isTrue();
    assertThat(Wikitext.isDisambiguation("A", "{{about|b|c|A (disambiguation)}} x")).isFalse();
    assertThat(Wikitext.isDisambiguation("A", "x {{disambiguation needed}}")).isFalse();
  }

  @Property(tries = 500)
  void anyTextOfBracketsIsRead(
      @ForAll
          @Chars({'{', '}', '[', ']', '|', '<', '>', '=', '\'', '\n', '/', '*', '!', '-', '&'})
          @CharRange(from = 'a', to = 'c')
          @StringLength(max = 60)
          String text) {
    assertThat(Wikitext.prose(text, Namespaces.ENGLISH)).doesNotContain("\n\n\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{",
        "[[",
        "{|\n",
        "<ref>",
        "[http://a ",
        "]]",
        "}}",
        "\n|}",
        "<!--",
        "'",
        "{{a|",
        "<div>",
        "&",
        "("
      })
  void aPageMadeToBeSlowIsRead(String piece) {
    var text = piece.repeat(300_000 / piece.length());
    assertThat(Wikitext.prose(text, Namespaces.ENGLISH).length()).isLessThanOrEqualTo(300_000);
  }
}
