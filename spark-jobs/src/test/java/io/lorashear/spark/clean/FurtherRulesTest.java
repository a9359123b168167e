package io.lorashear.spark.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.settings.Settings;
import io.lorashear.spark.source.Kind;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules that settings turn on. */
class FurtherRulesTest {
  private static final String ENGLISH =
      "It was the best of times and it was the worst of times, and she had not been to the house"
          + " by the river for all of the years that he was at sea with his brother.";

  @Test
  void onlyThePapersRulesAreOnWhereNothingIsSaid(@TempDir Path folder) throws IOException {
    var file = Files.writeString(folder.resolve("a.yaml"), "paragraphTokens: 64\n");
    assertThat(Settings.load(CleaningSettings.class, file, List.of()))
        .isEqualTo(CleaningSettings.of(0.05, 64, 256));
  }

  @Test
  void misreadTextIsPutRight() {
    assertThat(repaired("The cafÃ© â€“ naÃ¯ve, isnâ€™t it?"))
        .isEqualTo("The café – naïve, isn’t it?");
    assertThat(repaired("â€œA quote,â€\ufffd she said.")).isEqualTo("“A quote,” she said.");
    assertThat(repaired("twice: cafÃƒÂ©")).isEqualTo("twice: café");
  }

  @Test
  void wellReadTextIsLeftAlone() {
    for (var text :
        List.of(
            "plain",
            "Le CAFÉ… où l’été déjà passé",
            "Ã is a letter",
            "5 € à “vous”",
            "Übergrößenträger")) {
      assertThat(repaired(text)).isEqualTo(text);
    }
  }

  @Property(tries = 200)
  void whateverWasMisreadComesBack(
      @ForAll @Size(min = 1, max = 9) List<@CharRange(from = 'À', to = 'ÿ') Character> letters) {
    var text = letters.stream().map(c -> "a" + c + "b").collect(Collectors.joining(" "));
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var misread = new StringBuilder();
    for (var b : bytes) {
      var c = new String(new byte[] {b}, Charset.forName("windows-1252"));
      misread.append(c.equals("\ufffd") ? String.valueOf((char) (b & 0xff)) : c);
    }
    assertThat(repaired(misread.toString())).isEqualTo(text);
  }

  private static String repaired(String text) {
    return new EncodingRepair().apply(draft(Kind.TEXT, text)).text();
  }

  @Test
  void otherLanguagesAreToldByTheirCommonestWords() {
    var german =
        "Es war die beste und die schlechteste aller Zeiten, und sie war in den Jahren, die er mit"
            + " dem Bruder auf der See war, nicht zu dem Haus an dem Fluss gekommen.";
    var rule = new OtherLanguage(new LanguageSettings(true, "en", 0.1));
    assertThat(rule.apply(draft(Kind.TEXT, ENGLISH)).drop()).isEmpty();
    var drop = rule.apply(draft(Kind.TEXT, german)).drop().orElseThrow();
    assertThat(drop.reason()).isEqualTo("other-language");
    assertThat(drop.detail()).matches("0\\.\\d\\d of its words are common in en, 0\\.\\d\\d in de");
    assertThat(rule.apply(draft(Kind.INSTRUCTION, german)).drop()).isEmpty();
    assertThat(rule.apply(draft(Kind.TEXT, "Guten Tag, liebe Leute.")).drop()).isEmpty();
    var names = "Anna Berta Carla ".repeat(10);
    assertThat(rule.apply(draft(Kind.TEXT, names)).reason()).contains("other-language");
    var wanted = new OtherLanguage(new LanguageSettings(true, "de", 0.1));
    assertThat(wanted.apply(draft(Kind.TEXT, german)).drop()).isEmpty();
    assertThat(wanted.apply(draft(Kind.TEXT, ENGLISH)).drop()).isPresent();
  }

  @Test
  void aLanguageThatIsNotKnownIsNamed(@TempDir Path folder) throws IOException {
    var file = Files.writeString(folder.resolve("a.yaml"), "language: english\n");
    assertThatThrownBy(() -> Settings.load(LanguageSettings.class, file, List.of()))
        .hasMessageContaining("line 1  language is english: known are cs, da, de, el, en, es, ");
  }

  @Test
  void eachMeasureOfRepetitionDropsWhatIsAboveIt() {
    assertThat(repetition(ENGLISH)).isEmpty();
    assertThat(repetition(words(0, 300))).isEmpty();
    // 4 of 12 lines came before, in 1/7 of the characters
    var lines = lines(words(0, 10), "a", "a", "a", words(20, 30), "a", "a", words(40, 50));
    assertThat(
            repetition(
                lines
                    + "\n"
                    + words(60, 70)
                    + "\n"
                    + words(80, 90)
                    + "\n"
                    + words(100, 110)
                    + "\n"
                    + words(120, 130)))
        .isEqualTo(
            "lines that came before are 0.33 of all lines or paragraphs, more than 0.30: \"a\"");
    assertThat(
            repetition(
                lines(words(0, 40), words(0, 40), words(50, 60), words(70, 80), words(90, 100))))
        .startsWith("lines that came before have 0.3")
        .contains("of the characters, more than 0.20: \"w0 w1 ");
    var twoWords = IntStream.range(0, 40).mapToObj(i -> "buy now " + words(4 * i, 4 * i + 4));
    assertThat(repetition(twoWords.collect(Collectors.joining(" "))))
        .startsWith("the commonest 2 words in a row have 0.3")
        .endsWith("of the characters, more than 0.20: \"buy now\"");
    var five = words(0, 100) + " " + words(10, 30) + " " + words(200, 210);
    assertThat(repetition(five))
        .startsWith("5 words in a row that came before have 0.1")
        .endsWith("more than 0.15: \"w10 w11 w12 w13 w14\"");
    assertThat(new Repetition(RepetitionSettings.OFF).apply(draft(Kind.INSTRUCTION, lines)).drop())
        .isEmpty();
  }

  private static String repetition(String text) {
    return new Repetition(RepetitionSettings.OFF)
        .apply(draft(Kind.TEXT, text))
        .drop()
        .map(Draft.Drop::detail)
        .orElse("");
  }

  @Test
  void linesOfThePageGoAndFillingTextWithItsDocument() {
    var rule = new Boilerplate(BoilerplateSettings.c4(true));
    var draft =
        rule.apply(
            Draft.of(
                Kind.TEXT,
                List.of(
                    "A story.\nThis site USES COOKIES.\nIts end.", "Please enable JavaScript", "b"),
                ""));
    assertThat(draft.paragraphs()).containsExactly("A story.\nIts end.", "b");
    assertThat(draft.removed()).isEqualTo(Map.of("boilerplate", 2));
    assertThat(draft.examples().get("boilerplate")).startsWith("A story. This site");
    assertThat(rule.apply(draft(Kind.TEXT, "Lorem Ipsum dolor")).drop().orElseThrow().detail())
        .isEqualTo("holds \"lorem ipsum\"");
    assertThat(rule.apply(draft(Kind.SENTENCES, "she read the privacy policy .")).removed())
        .isEmpty();
  }

  @Test
  void symbolsAreCountedAgainstWords() {
    assertThat(symbols(ENGLISH)).isEmpty();
    assertThat(symbols("#one #two three four five"))
        .isEqualTo("0.40 hash signs a word, more than 0.10");
    assertThat(symbols("well... then... so it goes on"))
        .isEqualTo("0.33 ellipses a word, more than 0.10");
    assertThat(symbols("1 2 3 four five"))
        .isEqualTo("0.60 of the words have no letter, more than 0.20");
    assertThat(symbols("one two three four 5")).isEmpty();
    assertThat(symbols(lines("- one two three", "* four five six", "• seven eight nine")))
        .isEqualTo("0.25 of the words have no letter, more than 0.20");
    assertThat(symbols(lines("- " + words(0, 20), "- " + words(20, 40))))
        .isEqualTo("1.00 of the lines begin with a bullet, more than 0.90");
    assertThat(symbols(lines(words(0, 20) + "…", words(20, 40))))
        .isEqualTo("0.50 of the lines end with an ellipsis, more than 0.30");
  }

  private static String symbols(String text) {
    return new SymbolRatio(SymbolSettings.OFF)
        .apply(draft(Kind.TEXT, text))
        .drop()
        .map(Draft.Drop::detail)
        .orElse("");
  }

  private static Draft draft(Kind kind, String text) {
    return Draft.of(kind, List.of(text), "");
  }

  private static String lines(String... lines) {
    return Arrays.stream(lines).collect(Collectors.joining("\n"));
  }

  private static String words(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "w" + i).collect(Collectors.joining(" "));
  }
}
