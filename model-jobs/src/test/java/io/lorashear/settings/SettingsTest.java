package io.lorashear.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  enum Score {
    COSINE,
    FIRST_ORDER
  }

  record Pruning(
      @Default("0.2") double ratio,
      @Default("10") int periods,
      @Default("first-order") Score score) {

    void check(Problems problems) {
      problems.require(
          ratio > 0 && ratio < 1, "ratio", "is %s: give a share, for example 0.2", ratio);
      problems.require(periods >= 1, "periods", "is %s: at least one is needed", periods);
    }
  }

  record Source(String name, Path folder, @Default("1") double weight) {}

  record Line(
      Path output,
      Pruning pruning,
      @Default("[]") List<Source> sources,
      @Default("{}") Map<String, Long> limits,
      Optional<String> note,
      @Default("true") boolean shuffled) {

    void check(Problems problems) {
      problems.require(
          sources.size() < 2 || pruning.periods() > 1, "sources", "need more than one period");
    }
  }

  @TempDir Path folder;
  Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("mine.yaml");
  }

  Line load(String yaml, String... overrides) throws IOException {
    Files.writeString(file, yaml);
    return Settings.load(Line.class, file, List.of(overrides));
  }

  Line load(String yaml, Overrides overrides) throws IOException {
    Files.writeString(file, yaml);
    return Settings.load(Line.class, file, overrides);
  }

  void refused(String yaml, Overrides overrides, String expected) {
    assertThatThrownBy(() -> load(yaml, overrides))
        .isInstanceOf(InputException.class)
        .hasMessage(file + " " + expected);
  }

  void refused(String yaml, String expected, String... overrides) {
    assertThatThrownBy(() -> load(yaml, overrides))
        .isInstanceOf(InputException.class)
        .hasMessage(file + " " + expected);
  }

  @Test
  void everyKindOfValueIsRead() throws IOException {
    var line =
        load(
            """
            output: out/here
            pruning: {ratio: 5e-1, score: cosine}
            sources:
              - name: wiki
                folder: /data/wiki
              - {name: "books: all", folder: b, weight: 0.25}
            limits:
              tokens: 1_000_000_000_000
              documents: 5
            note: 12
            """);
    assertThat(line)
        .isEqualTo(
            new Line(
                Path.of("out/here"),
                new Pruning(0.5, 10, Score.COSINE),
                List.of(
                    new Source("wiki", Path.of("/data/wiki"), 1),
                    new Source("books: all", Path.of("b"), 0.25)),
                Map.of("tokens", 1_000_000_000_000L, "documents", 5L),
                Optional.of("12"),
                true));
  }

  @Test
  void defaultsStandForWhatIsLeftOut() throws IOException {
    var expected =
        new Line(
            Path.of("o"),
            new Pruning(0.2, 10, Score.FIRST_ORDER),
            List.of(),
            Map.of(),
            Optional.empty(),
            true);
    assertThat(load("output: o\npruning:\nnote: ~\n")).isEqualTo(expected);
    assertThat(Settings.defaults(Line.class, List.of("output=o"))).isEqualTo(expected);
  }

  @Test
  void allProblemsAreReportedTogetherEachWithItsLine() {
    refused(
        """
        # a comment
        pruning:
          ratio: 20
          period: 3
          score: cosin
        sources:
          - name: wiki
            folder: w
            weight: heavy
          - name: books
        limits: [1]
        note:
          - x
        shuffled: yes
        """,
        """
        has 9 problems:
          line 2   output is missing: it has no default, so give it
          line 3   pruning.ratio is 20.0: give a share, for example 0.2
          line 4   pruning.period: no such setting; did you mean pruning.periods?
          line 5   pruning.score is cosin: choose one of cosine, first-order; did you mean cosine?
          line 9   sources[0].weight is heavy: a number is needed
          line 10  sources[1].folder is missing: it has no default, so give it
          line 11  limits is a list: lines of the form name: value are needed
          line 12  note is a list: one value is needed
          line 14  shuffled is yes: write true or false\
        """);
  }

  @Test
  void aKeyInTheWrongGroupIsFound() {
    refused(
        "output: o\nratio: 0.5\nfrobnicate: 1\n",
        """
        has 2 problems:
          line 2  ratio: no such setting; did you mean pruning.ratio?
          line 3  frobnicate: no such setting; known here: output, pruning, sources, limits, note, shuffled\
        """);
  }

  @Test
  void aKeyOfAListsItemsIsFoundFromTheTopAndCanBeSetThere() throws IOException {
    var yaml =
        "output: o\nsources: [{name: a, folder: f}, {name: b, folder: g}]\n"
            + "pruning: {periods: 2}\n";
    refused(
        yaml,
        """
        has 2 problems:
          --set folder=x  folder: no such setting; did you mean sources[].folder?
          --set wieght=2  wieght: no such setting; did you mean sources[].weight?\
        """,
        "folder=x",
        "wieght=2");
    assertThat(load(yaml, "sources[].weight=0.5", "sources[1].folder=h").sources())
        .containsExactly(new Source("a", Path.of("f"), 0.5), new Source("b", Path.of("h"), 0.5));
    refused(
        yaml,
        """
        has 2 problems:
          --set sources[2].folder=x  sources has 2 items, counted from 0: there is no 2
          --set limits[].x=1         limits is no list in the file, so it has no items to set\
        """,
        "sources[2].folder=x",
        "limits[].x=1");
  }

  @Test
  void whatOneOverrideTakesFromAnotherIsTold() throws IOException {
    var set = List.of("output=p", "pruning.periods=5", "output=q", "pruning={ratio: 0.4}");
    assertThat(load("note: x\n", set.toArray(String[]::new)).output()).isEqualTo(Path.of("q"));
    refused(
        "output: o\n",
        Overrides.given(set),
        """
        has 2 problems:
          --set output=q              output is given twice by --set: keep one of the two
          --set pruning={ratio: 0.4}  pruning takes pruning.periods away, which --set gave before it: give it first\
        """);
  }

  @Test
  void nothingIsQuotedThatNobodyWrote() {
    var overrides =
        Overrides.implied(List.of("pruning.ratio=0.3", "output=unplaced"))
            .and(Overrides.by("--recipe best", List.of("pruning.periods=0")))
            .and(Overrides.given(List.of("pruning.skore=x")));
    assertThatThrownBy(() -> load("pruning: 3\n", overrides))
        .hasMessage(
            """
            %s has 2 problems:
              line 1                 pruning is one value: settings of the form key: value are needed
              --set pruning.skore=x  pruning holds one value, which has no settings inside\
            """
                .formatted(file));
    assertThatThrownBy(() -> load("limits: 1\n", overrides))
        .hasMessage(
            """
            %s has 3 problems:
              line 1                 limits is one value: lines of the form name: value are needed
              --set pruning.skore=x  pruning.skore: no such setting; did you mean pruning.score?
              --recipe best          pruning.periods is 0: at least one is needed\
            """
                .formatted(file));
  }

  @Test
  void whatFollowsFromOtherSettingsMayNotBeGivenAsWell() throws IOException {
    var fixed = Overrides.fixed(List.of("output=work/out", "pruning.score=cosine"));
    assertThat(load("pruning: {score: cosine}\n", fixed).output()).isEqualTo(Path.of("work/out"));
    assertThatThrownBy(() -> load("output: mine\npruning: {score: first-order}\n", fixed))
        .hasMessage(
            """
            %s has 2 problems:
              line 1  output follows from other settings here: take it out
              line 2  pruning.score follows from other settings here: take it out\
            """
                .formatted(file));
    var given = Overrides.given(List.of("output=mine")).and(fixed);
    assertThatThrownBy(() -> load("note: x\n", given))
        .hasMessageEndingWith(
            "  --set output=mine  output follows from other settings here: take it out");
  }

  @Test
  void pathsAreTakenWithWhateverStandsInThemButForAShell() throws IOException {
    var odd = "mine \"own\" \\ bücher: #1";
    var set = Overrides.given(List.of(Overrides.quoted("output", odd)));
    assertThat(load("note: x\n", set).output()).isEqualTo(Path.of(odd));
    refused(
        "output: ~/out\n"
            + "sources: [{name: a, folder: $DATA/raw}, {name: b, folder: '${DATA}-raw'}]\n",
        """
        has 3 problems:
          line 1  output: ~/out has a ~ or a $, which only a shell puts in: write the path out, %s/out
          line 2  sources[0].folder: $DATA/raw has a ~ or a $, which only a shell puts in: write the path out
          line 2  sources[1].folder: ${DATA}-raw has a ~ or a $, which only a shell puts in: write the path out\
        """
            .formatted(System.getProperty("user.home")));
  }

  @Test
  void numbersThatDoNotFitAreNamed() {
    refused(
        "output: o\npruning:\n  periods: 2.5\n  ratio: .nan\nlimits: {a: 99999999999999999999}\n",
        """
        has 3 problems:
          line 3  pruning.periods is 2.5: a whole number is needed
          line 4  pruning.ratio is .nan: a number is needed
          line 5  limits.a is 99999999999999999999: the largest whole number here is 9223372036854775807\
        """);
  }

  @Test
  void aKeyGivenTwiceIsRefused() {
    refused(
        "output: o\noutput: p\n",
        "has 1 problem:\n  line 2  output is given twice: keep one of the two lines");
  }

  @Test
  void aGroupMayNotBeOneValue() {
    refused(
        "output: o\npruning: 3\n",
        "has 1 problem:\n"
            + "  line 2  pruning is one value: settings of the form key: value are needed");
  }

  @Test
  void whatAnOuterRecordForbidsNamesItsLine() {
    refused(
        """
        output: o
        pruning: {periods: 1}
        sources:
          - {name: a, folder: a}
          - {name: b, folder: b}
        """,
        "has 1 problem:\n  line 3  sources need more than one period");
  }

  @Test
  void overridesWinAndTheirMistakesAreReportedAfterTheFiles() throws IOException {
    assertThat(load("output: o\n", "pruning.ratio=0.3", "limits={x: 1}", "note=a=b: [").note())
        .contains("a=b: [");
    refused(
        "output: o\npruning: {ratio: 0}\nshuffled: false\n",
        """
        has 5 problems:
          line 2                   pruning.ratio is 0.0: give a share, for example 0.2
          --set pruning            an override has the form key=value, for example pruning.ratio=0.2
          --set shuffled.a=1       shuffled holds one value, which has no settings inside
          --set pruning.skore=x    pruning.skore: no such setting; did you mean pruning.score?
          --set pruning.periods=0  pruning.periods is 0: at least one is needed\
        """,
        "pruning",
        "shuffled.a=1",
        "pruning.periods=0",
        "pruning.skore=x");
  }

  @Test
  void whatIsNoValueIsToldAsThat() throws IOException {
    refused(
        "output: 'o '\npruning: {ratio: ''}\n",
        """
        has 5 problems:
          line 1              output: 'o ' begins or ends with white space: take it out
          line 2              pruning.ratio is empty: give a value or take the line out
          --set limits={x: 1  {x: 1 is a list, a group or a quoted text that does not end
          --set limits={x: 1  limits is one value: lines of the form name: value are needed
          --set shuffled=     shuffled is empty: give a value or take the line out\
        """,
        "limits={x: 1",
        "shuffled=");
    assertThat(load("output: o\n", "note=").note()).contains("");
  }

  @Test
  void filesThatAreNoSettingsAreNamed() throws IOException {
    assertThatThrownBy(() -> Settings.load(Line.class, folder, List.of()))
        .isInstanceOf(InputException.class)
        .hasMessage(folder + " is a folder: name a settings file in it");
    Files.write(file, "output: o\n".getBytes(StandardCharsets.UTF_16LE));
    assertThatThrownBy(() -> Settings.load(Line.class, file, List.of()))
        .hasMessage(file + " is not UTF-8 text: save it in that encoding");
    assertThatThrownBy(() -> load("output: o\n---\nnote: x\n"))
        .hasMessageStartingWith(
            file + " is not valid YAML: line 2 begins a second document: a settings file has one");
    assertThat(load("\uFEFFoutput: o\r\nnote: x \r\n").note()).contains("x");
  }

  @Test
  void brokenFilesAreNamed() {
    assertThatThrownBy(() -> load("output: [a\n"))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(file + " is not valid YAML: line 2, column 1: ")
        .hasMessageContaining("Correct that line");
    assertThatThrownBy(() -> Settings.load(Line.class, folder.resolve("no.yaml"), List.of()))
        .hasMessage("There is no settings file %s: check the path", folder.resolve("no.yaml"));
    assertThatThrownBy(
            () -> {
              Files.write(file, new byte[] {'a', ':', ' ', (byte) 0xff});
              Settings.load(Line.class, file, List.of());
            })
        .hasMessage(file + " is not UTF-8 text: save it in that encoding");
    refused(
        "output: &a [*a]\n",
        """
        has 2 problems:
          line 1  output[0] contains itself: remove the alias
          line 1  output is a list: one value is needed\
        """);
  }

  @Test
  void theCanonicalFormForgetsPathsOrderAndWhatWasLeftToDefaults() throws IOException {
    var one = load("output: a\nlimits: {b: 1, a: 2}\npruning: {ratio: 0.20, periods: 10}\n");
    var other = load("pruning:\nlimits:\n  a: 2\n  b: 1\noutput: elsewhere\n");
    assertThat(Settings.canonical(one))
        .isEqualTo(Settings.canonical(other))
        .isEqualTo(
            "{\"limits\":{\"a\":2,\"b\":1},\"note\":null,"
                + "\"pruning\":{\"periods\":10,\"ratio\":0.2,\"score\":\"first-order\"},"
                + "\"shuffled\":true,\"sources\":[]}");
    assertThat(Settings.json(one).get("output").textValue()).isEqualTo("a");
    assertThat(Settings.canonical(load("output: a\npruning: {ratio: 0.3}")))
        .isNotEqualTo(Settings.canonical(load("output: a")));
  }
}
