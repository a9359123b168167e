package io.lorashear.settings;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProblemsTest {
  @Renamed(from = "magnitudeWeight", to = "magnitude")
  record Scores(@Default("1") double magnitude, @Default("0") double cosine) {
    void check(Problems problems) {
      problems.requireAll(magnitude + cosine > 0, "all weights are 0: give one above %d", 0);
    }
  }

  record Own(@Default("5") int steps) {}

  @Renamed(from = "validationShare", to = "scores.cosine")
  @Renamed(from = "ratios", to = "ratio")
  record Stage(
      @Default("0.5") double ratio,
      Scores scores,
      Optional<Own> own,
      @Default("{}") Map<String, Integer> texts) {

    void check(Problems problems) {
      problems.require(ratio < 1, "ratio", "is %s: give a share", ratio);
      problems.require(own.isEmpty(), "own.steps", "is given, but nobody reads it");
      texts.forEach((name, rows) -> problems.require(rows > 0, "texts." + name, "has no rows"));
    }
  }

  record Mistaken(Scores scores, Optional<Own> own) {
    void check(Problems problems) {
      problems.require(true, "scores.magnitude", "is fine");
      problems.require(true, "own.stepz", "is fine");
    }
  }

  @Renamed(from = "a", to = "gone")
  record Lost(@Default("1") int b) {}

  @TempDir Path folder;

  private void refused(Class<? extends Record> type, String yaml, String expected)
      throws IOException {
    var file = Files.writeString(folder.resolve("mine.yaml"), yaml);
    assertThatThrownBy(() -> Settings.load(type, file, List.of()))
        .hasMessage(file + " " + expected);
  }

  @Test
  void whatIsWrongIsToldWithTheKeyAndItsLineOrThatOfTheGroupAroundIt() throws IOException {
    refused(
        Stage.class,
        """
        ratio: 2
        scores:
          magnitude: 0
        own:
          steps: 3
        texts:
          a: 1
          b.c: 0
        """,
        """
        has 4 problems:
          line 1  ratio is 2.0: give a share
          line 2  scores: all weights are 0: give one above 0
          line 5  own.steps is given, but nobody reads it
          line 8  texts.b.c has no rows\
        """);
    refused(
        Stage.class,
        "own: {}\n",
        "has 1 problem:\n  line 1  own.steps is given, but nobody reads it");
  }

  @Test
  void aKeyOfAnEarlierVersionIsToldWithItsNameNow() throws IOException {
    refused(
        Stage.class,
        "validationShare: 0.1\nratios: [0.2]\nscores: {magnitudeWeight: 1}\n",
        """
        has 3 problems:
          line 1  validationShare is called scores.cosine now
          line 2  ratios is called ratio now
          line 3  scores.magnitudeWeight is called scores.magnitude now\
        """);
  }

  @Test
  void aCheckOfAKeyThatIsNotThereFailsEvenWhereAllIsWell() {
    assertThatThrownBy(() -> Settings.defaults(Mistaken.class, List.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("ProblemsTest$Mistaken has no setting own.stepz");
    assertThatThrownBy(() -> Settings.defaults(Lost.class, List.of("a=1")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("ProblemsTest$Lost has no setting gone");
  }
}
