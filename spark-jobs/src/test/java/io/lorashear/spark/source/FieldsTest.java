package io.lorashear.spark.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The field with the text: what of other kinds is read, and what is told where there is none. */
class FieldsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[\"One passage.\", \"And another.\"]|One passage.\\nAnd another.",
        "[\"Alone\"]|Alone",
        "[\"A passage.\", null, \"Another one.\"]|A passage.\\nAnother one.",
        "{\"text\": \"Inside.\", \"bytes\": null}|Inside.",
        "[{\"type\": \"text\", \"text\": \"Part one.\"}, {\"text\": \"Part two.\"}]|Part one.\\n"
            + "Part two.",
        "\"Old\\r\\rlines\\r\\nend\"|Old\\n\\nlines\\nend"
      })
  void whatIsPlainlyTextIsRead(String value, String text) throws IOException {
    var file = write("a.jsonl", "{\"text\": %s}\n".formatted(value));
    var document = Readings.of(Corpus.OTHER, file).documents().get(0);
    assertThat(document.text()).isEqualTo(text.replace("\\n", "\n"));
    var parts = new ObjectMapper().readTree(value);
    assertThat(document.warnings().containsKey("joined-list"))
        .isEqualTo(parts.isArray() && parts.size() > 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1984|a number",
        "true|a boolean",
        "NaN|empty",
        "null|empty",
        "[]|a list",
        "[\"the\", \"fox\", \"went\"]|a list",
        "[\"A passage.\", 7]|a list",
        "{\"de\": \"Ein Satz.\", \"en\": \"A sentence.\"}|an object with de, en",
        "{\"0\": \"first\", \"1\": \"second\"}|an object with 0, 1"
      })
  void whatIsNotIsNoTextFieldWithTheFieldsThereAre(String value, String kind) throws IOException {
    var line = "{\"id\": 3, \"text\": %s, \"title\": \"T\"}\n".formatted(value);
    var file = write("a.jsonl", "{\"text\": \"good\"}\n" + line);
    var readings = Readings.of(Corpus.OTHER, file);
    assertThat(readings.counts()).isEqualTo(Map.of("kept", 1, "no-text-field", 1));
    var dropped = (Dropped) readings.all().get(1);
    assertThat(dropped.excerpt()).startsWith("id, text (%s), title: {".formatted(kind));
    assertThat(readings.settings()).isEmpty();
  }

  @Test
  void settingsThatFitNoRecordAreToldForAllSourcesTogether() throws IOException {
    write("good.jsonl", "{\"text\": \"good\"}\n");
    write("a.jsonl", "{\"id\": 1, \"body\": \"b\"}\n{\"id\": 2, \"title\": \"t\"}\n");
    write("b.json", "[{\"frage\": \"Why?\", \"antwort\": \"So.\"}]");
    write("c.json", "[\"one\", \"two\"]");
    var sources =
        List.of(
            source(Corpus.OTHER, "good", "good.jsonl"),
            source(Corpus.OTHER, "web", "a.jsonl"),
            source(Corpus.ALPACA, "questions", "b.json"),
            source(Corpus.OTHER, "strings", "c.json"));
    var configuration = new Configuration(false);
    configuration.set("fs.file.impl", "org.apache.hadoop.fs.LocalFileSystem");
    assertThat(Inputs.find(configuration, sources, LimitSettings.USUAL).settings())
        .containsExactly(
            "sources[1].textField is \"text\"; its records have: id, body, title (source web): name"
                + " the field with the text",
            "sources[2] (questions): none of its records is an instruction in a form that is known;"
                + " they have: frage, antwort",
            "sources[3].textField is \"text\"; its records have: no fields, but a string (source"
                + " strings): name the field with the text");
  }

  /** A table by columns is no text of many lines; text in curly quotation marks is no JSON. */
  @Test
  void whatOnlyLooksLikeRecordsIsToldBeforeAllIsRead() throws IOException {
    var columns = write("a.json", "{\"id\": [1, 2], \"text\": [\"One text.\", \"Another one.\"]}");
    assertThat(Readings.of(Corpus.OTHER, columns).settings())
        .containsExactly(
            "sources[0].textField is \"text\"; its records have: id, text (a list) (source other):"
                + " name the field with the text");
    var curly = write("b.jsonl", "{“text”: “one”}\n{“text”: “two”}\n");
    assertThat(Readings.of(Corpus.OTHER, curly).settings())
        .containsExactly(
            "sources[0] (other): none of its first records is JSON; one is: {“text”: “two”}");
  }

  /** Records of other files may have it; what is wrong with a few is counted. */
  @Test
  void aLaterFileWithTheFieldIsEnough() throws IOException {
    write("a.jsonl", "{\"note\": \"x\"}\n");
    write("b.jsonl", "{\"text\": \"good\"}\n");
    var readings = Readings.of(Corpus.OTHER, folder);
    assertThat(readings.settings()).isEmpty();
    assertThat(readings.counts()).isEqualTo(Map.of("kept", 1, "no-text-field", 1));
  }

  private SourceSettings source(Corpus corpus, String name, String file) {
    var usual = SourceSettings.of(corpus, folder.resolve(file));
    return new SourceSettings(
        corpus,
        Optional.of(name),
        usual.paths(),
        usual.format(),
        usual.textField(),
        usual.separator(),
        usual.sentencesPerDocument(),
        usual.firstRecords(),
        usual.licence());
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }
}
