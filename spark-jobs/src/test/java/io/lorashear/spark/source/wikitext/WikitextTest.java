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
        "A [[house]] and [[House (tool)|tools]] in [[:Category:Houses]].~A house and tools in"
            + " Category:Houses.",
        "Seen [[File:a.jpg|thumb|A [[nested]] caption]] here.~Seen here.",
        "It [http://a.org says so], [http://b.org] [sic].~It says so, [sic].",
        "Born ({{lang-de|Wien}}; {{IPA|x}}) in {{convert|5|km|mi}}.~Born (Wien) in 5 km.",
        "One{{citation needed|date=May {{CURRENTYEAR}}}} two {{{parameter|x}}}three.~One two"
            + " xthree.",
        "Fact.<ref name=\"a\">Book {{cite|a=b}}, p. 3</ref> More.<ref name=\"a\" /> End.~Fact."
            + " More. End.",
        "Two<br />lines &amp; a &lt;tag&gt;, 3 < 4.~Two lines & a <tag>, 3 < 4.",
        "<nowiki>[[not a link]]</nowiki> stays.~[[not a link]] stays.",
        "Hidden <!-- [[comment]] --> things __NOTOC__ go.~Hidden things go.",
        "An unclosed {{template and [[link stay.~An unclosed {{template and [[link stay.",
        "x<sup>2</sup> and <math>\\frac{1}{2}</math>y~x² and y",
        "[[de:Haus]] house [[fr:Maison]]~house",
        "It was ({{IPAc-en|x}}, {{respell|y}}; born 1954).~It was (born 1954).",
        "Fish{{snd}}and {{nowrap|chips '''now'''}}.~Fish – and chips now.",
      })
  void markUpInALine(String wikitext, String prose) {
    assertThat(prose(wikitext)).isEqualTo(prose);
  }

  private static String prose(String wikitext) {
    return Wikitext.prose("Title", wikitext, Namespaces.ENGLISH).text();
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
    assertThat(prose(page)).isEqualTo("First line of a paragraph.\n\nKept\n\nText under it.");
  }

  @Test
  void namesOfAnotherWikisNamespacesAreReadFromItsHeader() {
    var namespaces =
        Namespaces.of(
            "<mediawiki version=\"0.10\" xml:lang=\"bar\"><siteinfo><namespaces>"
                + "<namespace key=\"6\" case=\"first-letter\">Dings</namespace>"
                + "<namespace key=\"14\" case=\"first-letter\">Bumms</namespace>");
    var page = "Das [[Dings:x.png|Bild]] [[Bumms:Y]]Haus.";
    assertThat(Wikitext.prose("Title", page, namespaces).text()).isEqualTo("Das Haus.");
    assertThat(namespaces.language()).isEqualTo("bar");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"#REDIRECT [[A]]", "#redirect: [[A]]", "#WEITERLEITUNG [[A#b]]", " #Rinvia [[B]]"})
  void redirectsInAnyLanguage(String wikitext) {
    assertThat(Wikitext.isRedirect(wikitext)).isTrue();
  }

  @Test
  void listsOfNamesAreToldFromArticlesThatLinkToThem() {
    assertThat(listsNames("A", "x {{disambiguation|geo}}")).isTrue();
    assertThat(listsNames("A", "x {{Hndis|Name, A}}")).isTrue();
    assertThat(listsNames("A (disambiguation)", "x")).isTrue();
    assertThat(listsNames("A", "{{about|b|c|A (disambiguation)}} x")).isFalse();
    assertThat(listsNames("A", "x {{disambiguation needed}}")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{Begriffsklärung}}",
        "{{Homonymie}}",
        "{{Неоднозначность}}",
        "{{Rozcestník}}",
        "{{αποσαφήνιση}}",
        "{{Dubbelsinnig}}",
        "{{egyértelműsítő_lap}}",
        "{{人名の曖昧さ回避}}",
        "{{동음이의}}",
        "__DISAMBIG__",
        "__HOMONIMOS__"
      })
  void listsOfNamesInAnyLanguage(String wikitext) {
    assertThat(listsNames("A", "'''A''' is:\n* [[A b]]\n" + wikitext)).isTrue();
  }

  @Test
  void aNameThatSaysSoInOneLanguageAloneIsAskedForThere() {
    assertThat(Wikitext.isDisambiguation("A", "* [[B]]\n{{dp}}", "nl")).isTrue();
    assertThat(Wikitext.isDisambiguation("A", "* [[B]]\n{{dp}}", "en")).isFalse();
    assertThat(Wikitext.isDisambiguation("Orion (Begriffsklärung)", "x", "de")).isTrue();
    assertThat(Wikitext.isDisambiguation("Orion (konstelacija)", "x", "lt")).isFalse();
  }

  private static boolean listsNames(String title, String wikitext) {
    return Wikitext.isDisambiguation(title, wikitext, "");
  }

  @Test
  void tablesGoWithThoseInside() {
    assertThat(prose("One.\n{|\n| a\n{|\n| b\n|}\nstill a cell\n|}\nTwo."))
        .isEqualTo("One.\n\nTwo.");
    assertThat(prose("One.<table><tr><td>a<table><tr><td>b</table>c</table> Two."))
        .isEqualTo("One. Two.");
    assertThat(prose("One.\n{{table head}}\n! Year\n! Number\n|-\n| 1990\n|}\nTwo."))
        .isEqualTo("One.\n\nTwo.");
    assertThat(prose("One.\n{|\n| never closed\n\nTwo.")).isEqualTo("One.\n\nTwo.");
    assertThat(prose("'''!Kung''' is spoken here.\n\n!Xóõ too."))
        .isEqualTo("!Kung is spoken here.\n\n!Xóõ too.");
  }

  @Test
  void aLineIsAListByItsOwnFirstCharacterAlone() {
    assertThat(prose("'''*nix''' is a family.")).isEqualTo("*nix is a family.");
    assertThat(prose("[[Hashtag|#one]] begins.")).isEqualTo("#one begins.");
    assertThat(prose("<nowiki>*</nowiki> begins.")).isEqualTo("* begins.");
    assertThat(prose("=5 of them stay")).isEqualTo("=5 of them stay");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "<h6>Below</h6>~Below",
        "Say <phonos file=\"x.ogg\" ipa=\"y\">word</phonos> now.~Say word now.",
        "A <mystery depth=\"3\">plain word</mystery> stays.~A plain word stays.",
        "A <mystery>{\"a\": 1}</mystery>picture goes.~A picture goes.",
        "A <mystery kind=\"x\" />mark goes.~A mark goes.",
        "Include <stdio.h> and <string>.~Include <stdio.h> and <string>.",
        "Use <code>print</code> or <syntaxhighlight inline>a[[1]]</syntaxhighlight>.~Use print or"
            + " a[[1]].",
        "A<span style=\"display: none\">key<span>1</span></span> word.~A word.",
        "Of <math>n</math> in <math>x_1^2 \\leq \\alpha</math> <math>\\sum_i x</math>go.~Of n in"
            + " x₁² ≤ α go.",
        "Water is <chem>H2O</chem>.~Water is H₂O.",
        "Text<ref name=x/> goes<references/> on<ref>{{a</ref>}}.~Text goes on}}.",
      })
  void tagsOfExtensions(String wikitext, String prose) {
    assertThat(prose(wikitext)).isEqualTo(prose);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "10<sup>5</sup> and 10<sup>&minus;12</sup>~10⁵ and 10⁻¹²",
        "H<sub>2</sub>O and Ca<sup>2+</sup>~H₂O and Ca²⁺",
        "the 19<sup>th</sup> and XIX<sup>e</sup>~the 19th and XIXe",
        "2<sup>k</sup>, e<sup>x+1</sup>, x<sup>''n''</sup>~2^k, e^(x+1), xⁿ",
        "V<sub>max</sub> and x<sub>k+1</sub>~Vmax and x_(k+1)",
        "<sup>14</sup>C and word<sup>[note 1]</sup>~¹⁴C and word[note 1]",
      })
  void raisedAndLoweredText(String wikitext, String prose) {
    assertThat(prose(wikitext)).isEqualTo(prose);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "__NOTOC__",
        "__notoc__",
        "__KEIN_INHALTSVERZEICHNIS__",
        "__БЕЗ_ОГЛ__",
        "__AUCUNSOMMAIRE__",
        "__FORZAR_TDC__",
        "__目次強制__",
        "__ΧΩΡΙΣΠΠ__"
      })
  void switchesOfAnyLanguage(String word) {
    assertThat(prose("One " + word + "two.")).isEqualTo("One two.");
  }

  @Test
  void namesWithUnderscoresAreNoSwitches() {
    assertThat(prose("__NEVERHEARDOF__\nOne.")).isEqualTo("One.");
    assertThat(prose("A __init__ and an __index__ and __FILE__ stay."))
        .isEqualTo("A __init__ and an __index__ and __FILE__ stay.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[[Bild:x.jpg|thumb|250px|A caption]]",
        "[[Immagine:x.png|miniatura|A caption]]",
        "[[Plik:x.svg|mały|A caption]]",
        "[[Податотека:x.jpg|thumb|A caption]]",
        "[[Ficheiro:x.jpg|A caption]]",
        "[[ملف:x.jpg|تصغير|A caption]]",
        "[[ファイル:x.jpg|サムネイル|A caption]]",
        "[[Nowhere:x.jpg|thumb|A caption]]",
        "[[Kategorie:X]]",
        "[[Kategorija:X|y]]",
        "[[Категория:X]]",
        "[[תמונה:x.jpg|ממוזער|A [[b]] caption]]"
      })
  void picturesAndCategoriesOfAnyLanguage(String link) {
    assertThat(prose("One. " + link + "Two.")).isEqualTo("One. Two.");
  }

  @Property(tries = 500)
  void anyTextOfBracketsIsRead(
      @ForAll
          @Chars({
            '{', '}', '[', ']', '|', '<', '>', '=', '\'', '\n', '/', '*', '!', '-', '&', '_', ':',
            '#'
          })
          @CharRange(from = 'a', to = 'c')
          @StringLength(max = 60)
          String text) {
    assertThat(prose(text)).doesNotContain("\n\n\n");
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
        "(",
        "-{",
        "-{zh:",
        "<mystery>",
        "<a",
        "<sup>",
        "<table>",
        "__",
        "__a",
        "'''a",
        "''",
        "{{a|b}}",
        "{{a|b}} ",
        "{{#if:",
        "[[a|",
        "\n!",
        "\n{|\n|}",
        "<!-- -->",
        "__NOTOC__",
        "<math>x</math>"
      })
  void aPageMadeToBeSlowIsRead(String piece) {
    var text = piece.repeat(300_000 / piece.length());
    assertThat(prose(text).length()).isLessThanOrEqualTo(300_000);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{{nowrap|", "{{val|1|u=", "{{#if:a|", "[[a|", "{{#switch:a|a=", "-{zh:"})
  void bracketsInBracketsAreReadOnce(String opening) {
    var closing = opening.startsWith("[") ? "]]" : opening.startsWith("-") ? "}-" : "}}";
    var deep = opening.repeat(20_000) + "x" + closing.repeat(20_000);
    assertThat(prose(deep).length()).isLessThanOrEqualTo(deep.length());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      ignoreLeadingAndTrailingWhitespace = false,
      quoteCharacter = '\0',
      value = {
        "{{~subst:~x}}",
        "{{~A~}}",
        "{{~A1~b}}",
        "a -{~ ~x|y}- 我们",
        "-{zh-hans:~a;~}-",
        "{{convert|~1~x|-|2|km}}",
        "{{convert|1|-|~1~x|km}}",
        "(~,~a",
        "a__~A~_b",
        "<math>~x_~</math>",
        "{{a|~b=~}}"
      })
  void aLongWordIsReadOnce(String before, String piece, String after) {
    var text = before + piece.repeat(200_000 / piece.length()) + after;
    assertThat(prose(text).length()).isLessThanOrEqualTo(text.length() + 10);
  }
}
