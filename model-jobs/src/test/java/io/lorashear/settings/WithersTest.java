package io.lorashear.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WithersTest {
  enum Kind {
    PLAIN_TEXT,
    INSTRUCT
  }

  record Part(@Default("0") double from, @Default("1") double to, @Default("plain-text") Kind kind)
      implements Withers<Part> {

    void check(Problems problems) {
      problems.require(from < to, "from", "is %s and to is %s: give from < to", from, to);
    }
  }

  record Stage(
      Optional<Path> subset,
      @Default("[]") List<String> sources,
      @Default("{}") Map<String, Path> texts,
      @Default("3") int rows,
      Part part)
      implements Withers<Stage> {

    void check(Problems problems) {
      problems.require(
          sources.isEmpty() || subset.isEmpty(), "sources", "and subset are both set: give one");
    }
  }

  /** Two stages, the second of which will be given a subset and half of its part. */
  record Line(Stage first, Stage second) {
    void check(Problems problems) {
      problems.check(
          Line::second,
          second
              .with(Stage::subset)
              .as(Optional.of(Path.of("drawn")))
              .with(Stage::part)
              .as(second.part().with(Part::to).as(second.part().to() / 2)));
    }
  }

  @TempDir Path folder;

  private Line load(String yaml) throws IOException {
    return Settings.load(
        Line.class, Files.writeString(folder.resolve("line.yaml"), yaml), List.of());
  }

  @Test
  void aCopyDiffersInWhatItWasGivenAlone() {
    var part = new Part(0, 1, Kind.PLAIN_TEXT);
    var stage = new Stage(Optional.empty(), List.of("a"), Map.of(), 3, part);
    var copy = stage.with(Stage::rows).as(5).with(Stage::subset).as(Optional.of(Path.of("s")));
    assertThat(copy)
        .isEqualTo(new Stage(Optional.of(Path.of("s")), List.of("a"), Map.of(), 5, part));
    assertThat(stage.rows()).isEqualTo(3);
  }

  @Test
  void aSettingIsNamedByItsAccessorAndNothingElse() {
    var part = new Part(0, 1, Kind.PLAIN_TEXT);
    assertThatThrownBy(() -> part.with((Part any) -> any.to()).as(0.5))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a setting is named by its accessor, TrainSettings::rows");
  }

  @Test
  void aKeyIsWrittenAsAFileHasIt() throws IOException {
    var second = Key.of(Line::second);
    assertThat(second.then(Stage::part).then(Part::from).text()).isEqualTo("second.part.from");
    var odd = Path.of("mine \"own\" \\ bücher: #1, [x]");
    var overrides =
        Overrides.implied(
            List.of(
                second.then(Stage::subset).is(Optional.of(odd)),
                second.then(Stage::texts).is(Map.of("a", odd)),
                second.then(Stage::rows).is(7),
                second.then(Stage::part).is(new Part(0.1, 0.7, Kind.INSTRUCT)),
                Key.of(Line::first).then(Stage::sources).is(List.of("x: y", "it's"))));
    var yaml = Files.writeString(folder.resolve("line.yaml"), "");
    assertThat(Settings.load(Line.class, yaml, overrides))
        .isEqualTo(
            new Line(
                new Stage(
                    Optional.empty(),
                    List.of("x: y", "it's"),
                    Map.of(),
                    3,
                    new Part(0, 1, Kind.PLAIN_TEXT)),
                new Stage(
                    Optional.of(odd),
                    List.of(),
                    Map.of("a", odd),
                    7,
                    new Part(0.1, 0.7, Kind.INSTRUCT))));
  }

  @Test
  void whatAProgramMakesOfSettingsIsHeldToTheSameAndToldAtItsLine() {
    assertThatThrownBy(
            () ->
                load(
                    """
                    first: {sources: [a], part: {from: 0.6}}
                    second:
                      sources: [b]
                      part:
                        from: 0.6
                    """))
        .hasMessage(
            """
            %s has 2 problems:
              line 3  second.sources and subset are both set: give one
              line 5  second.part.from is 0.6 and to is 0.5: give from < to\
            """
                .formatted(folder.resolve("line.yaml")));
  }

  @Test
  void whatIsWrongBeforeAndAfterIsToldOnce() {
    assertThatThrownBy(() -> load("second: {subset: s, sources: [b]}\n"))
        .hasMessage(
            "%s has 1 problem:%n  line 1  second.sources and subset are both set: give one"
                .formatted(folder.resolve("line.yaml")));
  }
}
