package io.lorashear.spark.enlarge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.ingest.Ingest;
import io.lorashear.spark.ingest.IngestSettings;
import io.lorashear.spark.ingest.PublishedDocuments;
import io.lorashear.tokenizer.SmallTokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnlargeTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String PAGE =
      "{\"text\": \"The river rose in spring, and nobody in town went to the mill any more.\"}\n";

  @TempDir static Path folder;
  private static Path documents;

  @BeforeAll
  static void ingest() throws IOException {
    var raw = Files.createDirectories(folder.resolve("raw"));
    Files.writeString(raw.resolve("a.jsonl"), PAGE);
    documents = ingested("small", raw);
  }

  private static Path ingested(String name, Path raw) throws IOException {
    var output = folder.resolve(name);
    var settings =
        Settings.defaults(
            IngestSettings.class,
            List.of(
                "sources=[{corpus: openwebtext, paths: [" + raw + "]}]",
                "tokenizer=" + SmallTokenizers.byteLevel(folder),
                "cleaning.paragraphTokens=0",
                "output=" + output));
    Ingest.run(LocalSpark.session(), settings, false);
    return output;
  }

  private static Path enlarged(String name, String... more) {
    var given =
        new ArrayList<>(
            List.of(
                "documents=" + documents,
                "output=" + folder.resolve(name),
                "fileMegabytes=1",
                "sources=[{name: notes, megabytes: 2, characters: 100, longest: 300000}, {name:"
                    + " pages, megabytes: 1}]"));
    given.addAll(List.of(more));
    var settings = Settings.defaults(EnlargeSettings.class, given);
    return Enlarge.publish(LocalSpark.session(), settings, false).directory();
  }

  @Test
  void sourcesHaveTheirSizesAndSkew() throws IOException {
    var made = enlarged("sizes");
    int notes = 0;
    long characters = 0;
    var texts = new HashSet<String>();
    for (var file : List.of("part-00000.jsonl", "part-00001.jsonl")) {
      for (var line : Files.readAllLines(made.resolve("notes").resolve(file))) {
        var record = JSON.readTree(line);
        var text = record.path("text").asText();
        assertThat(record.path("id").asLong()).isEqualTo(notes);
        assertThat(text.length()).isBetween(notes == 0 ? 299_998 : 48, notes == 0 ? 300_000 : 150);
        texts.add(text);
        characters += text.length();
        notes++;
      }
    }
    assertThat(notes).isEqualTo(20_000);
    assertThat(characters).isBetween(2_200_000L, 2_400_000L);
    // 14 words in the raw text make few different notes, but no two files of the same
    assertThat(texts.size()).isGreaterThan(5_000);
    try (var files = Files.walk(made)) {
      assertThat(files.filter(Files::isRegularFile).map(file -> made.relativize(file).toString()))
          .containsExactlyInAnyOrder(
              "manifest.json",
              "notes/part-00000.jsonl",
              "notes/part-00001.jsonl",
              "pages/part-00000.jsonl");
    }
    assertThat(made.resolve("_writing")).doesNotExist();
    assertThat(Files.readAllLines(made.resolve("pages/part-00000.jsonl"))).hasSize(250);
  }

  @Test
  void aDocumentIsTheSameInFilesOfAnySize() throws IOException {
    var small = enlarged("small-files");
    var large = enlarged("large-files", "fileMegabytes=10");
    var lines = Files.readAllLines(small.resolve("notes/part-00000.jsonl"));
    lines.addAll(Files.readAllLines(small.resolve("notes/part-00001.jsonl")));
    assertThat(Files.readAllLines(large.resolve("notes/part-00000.jsonl"))).isEqualTo(lines);
    var other = enlarged("other", "seed=1");
    assertThat(Files.readAllLines(other.resolve("pages/part-00000.jsonl")))
        .doesNotContainAnyElementsOf(Files.readAllLines(small.resolve("pages/part-00000.jsonl")));
  }

  @Test
  void ingestReadsWhatIsMade() throws IOException {
    var made = enlarged("raw-again", "sources=[{name: pages, megabytes: 1}]");
    var again = ingested("again", made.resolve("pages"));
    var found = PublishedDocuments.open(again);
    assertThat(found.rows(LocalSpark.session()).count()).isEqualTo(250);
  }

  @Test
  void mistakesAreNamedTogether() {
    assertThatThrownBy(
            () ->
                enlarged(
                    "wrong",
                    "sources=[{name: a/b, megabytes: 0}, {name: c, megabytes: 1, characters: 5}]",
                    "fileMegabytes=0"))
        .hasMessageContaining("name is 'a/b': give letters, digits, '.', '_' and '-'")
        .hasMessageContaining("megabytes is 0: give 1 or more")
        .hasMessageContaining("characters is 5: give 20 or more")
        .hasMessageContaining("fileMegabytes is 0: give 1 or more");
  }
}
