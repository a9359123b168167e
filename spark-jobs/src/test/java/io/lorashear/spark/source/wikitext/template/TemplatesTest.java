package io.lorashear.spark.source.wikitext.template;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.source.wikitext.Namespaces;
import io.lorashear.spark.source.wikitext.Wikitext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplatesTest {

  private static String prose(String wikitext) {
    return Wikitext.prose("The title", wikitext, Namespaces.ENGLISH).text();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "It has {{formatnum:81234}} people.~It has 81234 people.",
        "It has {{formatnum:81,234|R}} and {{ЧИСЛО}}{{FORMATNUM:7}}.~It has 81234 and 7.",
        "Of {{val|2.5|0.1|u=kg}} and {{val|6.2|e=18|u=m/s2}}.~Of 2.5±0.1 kg and 6.2×10¹⁸ m/s².",
        "From {{convert|5|to|10|km|mi|abbr=on}} at {{cvt|3|km2}}.~From 5 to 10 km at 3 km².",
        "Some {{convert|6|ft|2|in|m}}, {{convert|20|-|25|C|F}}.~Some 6 ft 2 in, 20–25 °C.",
        "Sur {{unité|350|km|2}} et {{nombre|1200|habitants}}.~Sur 350 km² et 1200 habitants.",
        "De {{unidad|30|km/h}}, {{unité|9.8|m|s|-2}}.~De 30 km/h, 9.8 m·s⁻².",
        "A {{frac|3|4}} of {{frac|2|1|2}}, {{sfrac|x + 1|y}}.~A 3/4 of 2 1/2, (x + 1)/y.",
        "About 5.98{{e|24}} kg.~About 5.98×10²⁴ kg.",
        "Worth {{US$|2 million}}, {{£|5}}, {{currency|3|EUR}}.~Worth US$2 million, £5, €3.",
      })
  void numbersAndMeasures(String wikitext, String prose) {
    assertThat(prose(wikitext)).isEqualTo(prose);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "The {{nihongo|tea way|茶道|sadō}} and {{japonais|judo|柔道}}.~The tea way (茶道, sadō) and judo"
            + " (柔道).",
        "L'{{nihongo||合気道|aikido}} est un art.~L'aikido (合気道) est un art.",
        "Of {{chem|SO|4|2−}} and {{chem2|Na2SO4}}, {{CO2}}.~Of SO₄²⁻ and Na₂SO₄, CO₂.",
        "On {{USS|Hornet|CV-12}}, {{HMS|Beagle}}, {{SS|Arctic|1850|2}}.~On USS Hornet (CV-12), HMS"
            + " Beagle, Arctic.",
        "By {{ship|HMCS|Haida|G63|6}}, a {{sclass|Tribal|destroyer}}.~By HMCS Haida, a Tribal-class"
            + " destroyer.",
        "In {{flagicon|ITA}} {{flag|Italy}} and {{flagcountry|Peru}}.~In Italy and Peru.",
        "They {{sic|recieved}} it {{sic}}.~They recieved [sic] it [sic].",
        "Called {{lang|de|Haus}}, {{lang-fr|maison}}, {{langue|it|casa}}.~Called Haus, maison,"
            + " casa.",
        "An {{abbr|etc|et cetera}}, {{ill|Some Body|de|Jemand}}.~An etc, Some Body.",
        "An {{ill|Some Body (x)|de|Y|lt=body}}, {{lien|trad=Z|texte=là}}.~An body, là.",
        "{{As of|2012|6}}, {{circa|1800}} and {{as of|2000|lc=y}}.~As of June 2012, c. 1800 and as"
            + " of 2000.",
        "Born {{birth date|1950|3|4}}, né le {{date de naissance|5|mai|1900}}.~Born March 4, 1950,"
            + " né le 5 mai 1900.",
        "Au {{s|XIX|e}}, {{XXe siècle}}, {{1er|rang}}.~Au XIXe siècle, XXe siècle, 1er rang.",
        "At {{coord|52|30|N|13|22|E}}, {{coord|1.5|-2.5|display=inline}}.~At 52°30′N 13°22′E, 1.5°N"
            + " 2.5°W.",
        "By {{w|Goethe|the poet}}, {{sortname|Jo|Doe}} and {{sort|002|two}}.~By the poet, Jo Doe"
            + " and two.",
        "Aged {{age|1950|6|2|2001|6|1}}; {{gaps|12|345}}, {{10^|6}}, {{su|p=+|b=2}}.~Aged 50;"
            + " 12345, 10⁶, ⁺₂.",
        "The {{lang|code=de|text=Haus}}, {{lang|1=de|2=Baum}}.~The Haus, Baum.",
        "So {{citation|dit-il}}; {{citation|title=A|year=1}}he {{cn|says so}} {{cn|date=1}}.~So"
            + " “dit-il”; he says so.",
        "{{nowrap|the {{small|end}}}}{{coord|1|N|2|E|display=title}}~the end",
        "Fish{{mdash}}and{{nbsp}}chips{{'}}s {{!}} x.~Fish—and chips's | x.",
        "The vowel {{IPA|/a/}} stays; a name ({{IPA|/b/}}) not.~The vowel /a/ stays; a name not.",
      })
  void wordsOfASentence(String wikitext, String prose) {
    assertThat(prose(wikitext)).isEqualTo(prose);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "A {{#if: x | yes | no}} and {{#if: | yes | no}}.~A yes and no.",
        "A {{#ifeq: 1 | 01 | same | other}} {{#switch: b | a = 1 | b | c = 2 | 3}}.~A same 2.",
        "A {{#switch: z | a = 1 | #default = 9}} of {{#expr: (2 + 3) * 4 / 8 }}.~A 9 of 2.5.",
        "A {{#expr: 2 round 0}}{{#time: Y}}{{#invoke:x|y}}{{DEFAULTSORT:z}}.~A 2.",
        "{{PAGENAME}} is {{lc:ABC}}, {{ucfirst:abc}}, {{UC:d}}.~The title is abc, Abc, D.",
        "{{SEITENNAME}} {{padleft:7|3|0}} {{plural:2|one|many}}.~The title 007 many.",
        "It is {{{1|the default}}}{{{2}}}.~It is the default.",
        "Of {{Template:nowrap|words}} {{subst:small|here}}.~Of words here.",
        "A {{#tag:ref|note}}word {{#tag:sup|2}}.~A word ².",
      })
  void functionsAndVariables(String wikitext, String prose) {
    assertThat(prose(wikitext)).isEqualTo(prose);
  }

  @Test
  void quotationsAreParagraphs() {
    assertThat(prose("He said:\n{{quote|text=Never mind.|author=A}}\nAnd: {{Cquote2}}left."))
        .isEqualTo("He said:\n\nNever mind.\n\nAnd: left.");
    assertThat(prose("So:\n{{Blockquote|1=It = that.|2=B}}\n{{Citation bloc|Ainsi.}}"))
        .isEqualTo("So:\n\nIt = that.\n\nAinsi.");
  }

  @Test
  void italianLivesBeginWithTheSentenceThatTheirBoxSays() {
    var italian = Namespaces.of("<mediawiki xml:lang=\"it\">");
    var her =
        """
        {{Bio
        |Nome = Ada |Cognome = Rossi |PostCognome = detta ''Adina''
        |Sesso = F
        |LuogoNascita = Lodi |GiornoMeseNascita = 3 maggio |AnnoNascita = 1901
        |AnnoMorte = 1980
        |Attività = attrice |Attività2 = scrittrice |Nazionalità = italiana
        |PostNazionalità = , nota a pochi
        }}
        Nacque presto.
        """;
    assertThat(Wikitext.prose("Ada", her, italian).text())
        .isEqualTo(
            "Ada Rossi detta Adina (Lodi, 3 maggio 1901 – 1980) è stata un'attrice e scrittrice"
                + " italiana, nota a pochi.\n\nNacque presto.");
    var his = "{{Bio|Nome=Ugo|Sesso=M|Attività=scultore|Nazionalità=svizzero}}";
    assertThat(Wikitext.prose("Ugo", his, italian).text())
        .isEqualTo("Ugo è uno scultore svizzero.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '\0',
      value = {
        "The {{mystery|inner city|x=1}} grew.~The inner city grew.",
        "It grew ({{mystery|fast}}) and {{mystery|de|schnell}}.~It grew (fast) and schnell.",
        "Lines of {{mystery|a=1|b=2}} data.~Lines of data.",
        "A fact{{mystery|May 2010}} of note.{{mystery|x}} Next.~A fact of note. Next.",
        "Known. {{mystery|Some box}} The next.~Known. The next.",
        "A {{mystery|http://a.org/x y}}{{mystery|pic.jpg}}thing.~A thing.",
        "{{nowrap|about {{mystery|five}}}} and {{small|{{mystery|six}}}}.~about five and six.",
        "数は{{mystery|五}}個。~数は五個。",
      })
  void anUnknownTemplateLeavesItsFirstArgumentWhereTheSentenceNeedsIt(
      String wikitext, String prose) {
    assertThat(prose(wikitext)).isEqualTo(prose);
  }

  @Test
  void anUnknownTemplateOfALineOfItsOwnLeavesNothing() {
    assertThat(prose("{{mystery box|x}}\n'''It''' is.\n\n{{navigation|a}}{{navigation|b}}"))
        .isEqualTo("It is.");
  }

  @Test
  void unknownTemplatesOfSentencesAreCounted() {
    var page =
        """
        {{some box|y}}
        The {{Mystery_one|a}} and {{mystery one|b}}{{cn|x}} of {{nowrap|{{deep|c}}}}.
        * {{listed|z}} item
        """;
    var unknown = Wikitext.prose("T", page, Namespaces.ENGLISH).unknown();
    assertThat(unknown).containsOnlyKeys("deep", "mystery one");
    assertThat(unknown.get("mystery one").times()).isEqualTo(2);
    assertThat(unknown.get("mystery one").example()).isEqualTo("{{Mystery_one|a}}");
  }
}
