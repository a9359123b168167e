package io.lorashear.spark.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.clean.CleaningSettings;
import io.lorashear.spark.decontaminate.DecontaminationSettings;
import io.lorashear.spark.dedup.DuplicateSettings;
import io.lorashear.spark.source.Corpus;
import io.lorashear.spark.source.LimitSettings;
import io.lorashear.spark.source.SourceSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ingest --explain} shows. */
class ExplanationTest {
  @TempDir Path folder;

  private static String wikiPage(int id, String text) {
    return "<page><title>%1$d</title><ns>0</ns><id>%1$d</id><revision><text>%2$s</text></revision></page>\n"
        .formatted(id, text);
  }

  @Test
  void someOfWhatWasDroppedIsShownWithWhatWasAgainstTheRule() throws IOException {
    Files.writeString(
        folder.resolve("in.jsonl"),
        """
        {"text": "The same few words."}
        {"text": "the same FEW words"}
        {"text": "One."}
        {"text": "Two."}
        {"text": "Also of words.\\n\\nThree"}
        broken
        """);
    Files.write(
        folder.resolve("book.txt"),
        "Character set encoding: UTF-8\n\nEin schöner Tag im Mai.".getBytes(ISO_8859_1));
    var book = SourceSettings.of(Corpus.GUTENBERG, folder.resolve("book.txt"));
    Files.writeString(
        folder.resolve("wiki.xml"),
        wikiPage(1, "A {{hue|red}} or {{hue|grey}} fox of {{place|the woods}} ran.")
            + wikiPage(2, "One hen of {{hue|white}} feathers sat there."));
    var wiki = SourceSettings.of(Corpus.WIKIPEDIA, folder.resolve("wiki.xml"));
    var lines = SourceSettings.of(Corpus.OTHER, folder.resolve("in.jsonl"));
    var report = ingested(List.of(lines, book, wiki));
    assertThat(report.source("gutenberg").warnings()).isEqualTo(Map.of("not-as-declared", 1L));
    assertThat(report.source("wikipedia").warnings()).isEqualTo(Map.of("unknown-template", 2L));
    assertThat(report.text()).contains("    documents kept with a warning: not-as-declared 1");
    var published = PublishedDirectory.open(folder.resolve("out"));
    var text = Explanation.of(LocalSpark.session(), published, 1);
    assertThat(text.lines().map(line -> line.replaceFirst("(xml#1)-[0-9a-f]{12}$", "$1")))
        .containsExactly(
            "invalid-json (document)",
            "    other/in.jsonl#0000000133",
            "        broken",
            "near-duplicate (document)",
            "    other/in.jsonl#0000000032",
            "        nearly the same as other/in.jsonl#0000000000",
            "        the same FEW words",
            "nothing-left (document)",
            "    other/in.jsonl#0000000063",
            "        of its paragraphs none is left: {short-paragraph=1}",
            "        One.",
            "short-paragraph (paragraph)",
            "    other/in.jsonl#0000000063",
            "        One.",
            "not-as-declared (warning)",
            "    gutenberg/book.txt",
            "        declares \"UTF-8\", is read as windows-1252",
            "        Ein schöner Tag im Mai.",
            "unknown-template (warning)",
            "    wikipedia/wiki.xml#1",
            "        hue 2 | place 1",
            "        A red or grey fox of the woods ran.",
            "most frequent unknown templates (calls in sentences)",
            "    3  hue (wikipedia)");
  }

  private IngestReport ingested(List<SourceSettings> sources) {
    var settings =
        new IngestSettings(
            sources,
            Path.of("unused"),
            folder.resolve("out"),
            List.of(),
            CleaningSettings.of(0.05, 2, 5),
            DuplicateSettings.USUAL,
            DecontaminationSettings.NONE,
            BadFiles.FAIL,
            LimitSettings.USUAL,
            60);
    return Ingest.run(
        LocalSpark.session(), settings, false, text -> text.split("\\s+").length, "words");
  }
}
