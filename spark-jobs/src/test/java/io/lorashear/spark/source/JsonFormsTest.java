package io.lorashear.spark.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records of JSON, in every way people write them. */
class JsonFormsTest {
  static final List<String> TEXTS =
      List.of("The fox went out.", "Ā café, 日本語 and 😀.", "\"Quoted\", {braces} and [brackets].");

  @TempDir Path folder;

  /** The same three records, in every way people write them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "lines {\"text\": %s}\n",
        "spaces  { \"id\" : 1, \"text\" : %s }\n",
        "blank \n\n{\"text\": %s}\n\n",
        "windows {\"text\": %s}\r\n",
        "macintosh {\"text\": %s}\r",
        "nothing {\"text\": %s}",
        "commas {\"text\": %s},\n",
        "pretty {\n  \"id\": 7,\n  \"text\": %s\n}\n",
        "pretty-cr {\r  \"text\": %s,\r  \"list\": [1,\r 2]}\r",
        "sequence \u001e{\"text\": %s}\n",
        "not-a-number {\"score\": NaN, \"text\": %s, \"least\": -Infinity, \"all\": [NaN]}\n",
        "late-text {\"meta\": [{\"name\": \"x\"}], \"text\": %s}\n"
      })
  void recordsAreFoundHoweverTheyLie(String form) throws IOException {
    var record = form.substring(form.indexOf(' ') + 1);
    assertThat(texts(write("a.json", all(record, "", "", "")))).isEqualTo(TEXTS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[%s]|{\"text\": %s}|,",
        "[\\n  %s\\n]\\n|{\\n    \"text\": %s\\n  }|,\\n  ",
        "[%s,]|{\"text\": %s}|,\\n",
        "{\"data\": [%s]}|{\"text\": %s}|, ",
        "{\\n"
            + " \"version\": 1,\\n"
            + " \"about\": [{\"name\": \"x\"}],\\n"
            + " \"docs\": [\\n"
            + "%s]\\n"
            + "}|{\"text\": %s}|,\\n",
        "{\"rows\": [%s], \"tags\": [\"a\", [1], \"b\"], \"end\": {\"text\": 1}}|{\"text\": %s}|, "
      })
  void arraysAreOpenedAndSoAreListsOfRecords(String file, String record, String between)
      throws IOException {
    var lines = all(record, "", between, "").replace("\\n", "\n");
    var path = write("a.json", file.replace("\\n", "\n").formatted(lines));
    assertThat(texts(path)).isEqualTo(TEXTS);
  }

  static String all(String record, String before, String between, String after) {
    var quoted = TEXTS.stream().map(text -> record.replace("%s", quoted(text))).toList();
    return before + String.join(between, quoted) + after;
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\"", "\\\"") + "\"";
  }

  @Test
  void aFirstLineOfAnotherKindIsCountedAndTheOthersRead() throws IOException {
    var good = "{\"text\": \"one\"}\n{\"text\": \"two\"}\n";
    for (var first : List.of("# from a crawl\n", "{\"text\": \"cut of\n")) {
      assertThat(Readings.of(Corpus.OTHER, write("a.jsonl", first + good)).counts())
          .isEqualTo(Map.of("kept", 2, "invalid-json", 1));
    }
  }

  @Test
  void linesOfSeveralOrDamagedValuesAreCountedEach() throws IOException {
    var lines =
        """
        {"text": "one"} {"text": "two"}
        {"text": "cut of
        {"text": "three"}, {"text": 3}
        {"text": "four"} and more
        """;
    var readings = Readings.of(Corpus.OTHER, write("a.jsonl", lines));
    assertThat(readings.texts()).containsExactly("one", "two", "three");
    assertThat(readings.counts())
        .isEqualTo(Map.of("kept", 3, "invalid-json", 2, "no-text-field", 1));
    assertThat(readings.documents().stream().map(Document::position))
        .containsExactly("0000000000-0", "0000000000-1", "0000000049-0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\n"
            + "  \"data\": [\n"
            + "    {\n"
            + "      \"instruction\": \"Say.\",\n"
            + "      \"output\": \"Yes.\"\n"
            + "    }\n"
            + "  ]\n"
            + "}",
        "{\"items\": [{\"prompt\": \"Say.\", \"response\": \"Yes.\"}], \"count\": 1}",
        "{\"turns\": [{\"user\": \"Say.\", \"assistant\": \"Yes.\"}]}",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"Say.\"}, {\"role\": \"assistant\","
            + " \"content\": \"Yes.\"}]}"
      })
  void instructionsAreFoundHoweverTheyLie(String text) throws IOException {
    var readings = Readings.of(Corpus.ALPACA, write("a.json", text));
    assertThat(readings.documents().stream().map(Document::response)).containsExactly("Yes.");
  }

  /** A line is a conversation here, and not an array of records. */
  @Test
  void linesOfTurnsStayTogether() throws IOException {
    var line =
        "[{\"role\": \"user\", \"content\": \"Say.\"},"
            + " {\"role\": \"assistant\", \"content\": \"Yes.\"}]\n";
    var readings = Readings.of(Corpus.ALPACA, write("a.jsonl", line.repeat(2)));
    assertThat(readings.documents().stream().map(Document::response))
        .containsExactly("Yes.", "Yes.");
  }

  @Test
  void twoListsOfRecordsAreNotMixed() throws IOException {
    var splits = "{\"train\": [{\"text\": \"one\"}], \"test\": [{\"text\": \"two\"}]}";
    var readings = Readings.of(Corpus.OTHER, write("a.json", splits));
    assertThat(readings.problems().get(0))
        .contains("holds two lists of objects, \"train\" and \"test\": write the one");
  }

  private List<String> texts(Path file) {
    var readings = Readings.of(Corpus.OTHER, file);
    var other = new ArrayList<>(readings.all());
    other.removeAll(readings.documents());
    assertThat(other).isEmpty();
    return readings.texts();
  }

  private Path write(String name, String text) throws IOException {
    return write(name, text.getBytes(UTF_8));
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }
}
