package io.lorashear.spark.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.card.HubDatasets;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.clean.CleaningSettings;
import io.lorashear.spark.clean.TokenCounter;
import io.lorashear.spark.decontaminate.DecontaminationSettings;
import io.lorashear.spark.dedup.DuplicateSettings;
import io.lorashear.spark.source.Corpus;
import io.lorashear.spark.source.Format;
import io.lorashear.spark.source.LimitSettings;
import io.lorashear.spark.source.SourceSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestTest {
  private static final TokenCounter WORDS = text -> text.split("\\s+").length;
  private static final String SHUFFLE = "spark.sql.shuffle.partitions";

  @TempDir Path folder;

  @AfterEach
  void usualPartitions() {
    LocalSpark.session().conf().set(SHUFFLE, "3");
  }

  @Test
  void slicesAndPartitionsLeaveNoTraceInWhatIsPublished() throws IOException {
    pages("a.jsonl", 150);
    pages("b.jsonl", 20);
    for (var i = 0; i < 12; i++) {
      pages("small%d.jsonl".formatted(i), 1);
    }
    var hashes =
        List.of(
            ingested("one", 1 << 20, 1), ingested("three", 9000, 3), ingested("many", 1500, 17));
    assertThat(hashes).hasSize(3);
    assertThat(hashes.get(1)).isEqualTo(hashes.get(0));
    assertThat(hashes.get(2)).isEqualTo(hashes.get(0));
  }

  private String ingested(String name, long splitBytes, int partitions) {
    LocalSpark.session().conf().set(SHUFFLE, String.valueOf(partitions));
    var limits = new LimitSettings(1 << 20, splitBytes);
    var manyKeys = new DuplicateSettings(true, true, false, 0.8, 5, 100, 7, 100);
    var settings = settings(List.of(source()), manyKeys, limits, folder.resolve(name));
    var report = run(settings);
    assertThat(report.source("other").dropped()).isEqualTo(Map.of("exact-duplicate", 32L));
    assertThat(report.source("other").documents()).isEqualTo(150);
    // the settings' hash differs by splitBytes alone, so the published files are compared
    return PublishedDirectory.open(folder.resolve(name)).files().toString();
  }

  @Test
  void whatWasPublishedFromTheSameBytesIsNotMadeAgain() throws IOException {
    pages("a.jsonl", 5);
    var settings = settings(List.of(source()), BadFiles.FAIL, LimitSettings.USUAL);
    var report = run(settings);
    var manifest = folder.resolve("out").resolve("manifest.json");
    var written = Files.getLastModifiedTime(manifest);
    assertThat(run(settings)).isEqualTo(report);
    assertThat(Files.getLastModifiedTime(manifest)).isEqualTo(written);
    pages("a.jsonl", 6);
    assertThatThrownBy(() -> run(settings))
        .hasMessageContaining("holds results of other inputs, settings or code");
  }

  @Test
  void ofEqualDocumentsTheOneWithTheSmallestIdStays() throws IOException {
    Files.writeString(
        folder.resolve("in.jsonl"),
        """
        {"text": "The Same  words, here."}
        {"text": "other words are here"}
        {"text": "the same\\nwords, HERE."}
        """);
    run(settings(List.of(source()), BadFiles.FAIL, LimitSettings.USUAL));
    var rows = PublishedDocuments.open(folder.resolve("out")).rows(LocalSpark.session());
    assertThat(rows.orderBy("id").select("id").collectAsList().stream().map(r -> r.getString(0)))
        .containsExactly("other/in.jsonl#0000000000", "other/in.jsonl#0000000035");
    assertThat(dropped().get(0).<String>getAs("detail"))
        .isEqualTo("the same as other/in.jsonl#0000000000");
  }

  @Test
  void nearDuplicatesOfAnySourceGoWhateverThePartitions() throws IOException {
    Files.writeString(folder.resolve("a.jsonl"), lines(story("fox"), story("hen")));
    Files.writeString(
        folder.resolve("b.lines"), lines(story("fox").replace("evening", "night"), story("cat")));
    var hashes = new HashSet<String>();
    for (var partitions : List.of(1, 5)) {
      LocalSpark.session().conf().set(SHUFFLE, String.valueOf(partitions));
      var out = folder.resolve("out" + partitions);
      var manyKeys = new DuplicateSettings(true, true, false, 0.8, 5, 4000, 2, 100);
      var sources = List.of(source(), texts());
      var report = run(settings(sources, manyKeys, LimitSettings.USUAL, out));
      assertThat(report.source("texts").dropped()).isEqualTo(Map.of("near-duplicate", 1L));
      assertThat(report.source("other").documents()).isEqualTo(2);
      hashes.add(PublishedDirectory.open(out).files().toString());
    }
    assertThat(hashes).hasSize(1);
  }

  @Test
  void paragraphsThatRepeatOthersAreTakenOutOfTheirDocuments() throws IOException {
    Files.writeString(
        folder.resolve("a.jsonl"),
        lines(story("fox") + "\n\n" + story("hen"), story("cat") + "\n\n" + story("fox")));
    var duplicates = new DuplicateSettings(true, true, true, 0.8, 5, 20, 7, 100);
    var report = run(settings(List.of(source()), duplicates));
    assertThat(report.source("other").removed()).isEqualTo(Map.of("near-duplicate-paragraph", 1L));
    assertThat(report.source("other").paragraphs()).isEqualTo(3);
    assertThat(texts(report)).contains(story("cat"), story("fox") + "\n\n" + story("hen"));
  }

  /** The words of the template, which all instructions share, make nobody alike. */
  @Test
  void instructionsAreComparedWithoutTheirTemplate() throws IOException {
    Files.writeString(
        folder.resolve("alpaca.json"),
        """
        [{"instruction": "Name a bird.", "input": "", "output": "The owl."},
         {"instruction": "Name a fish.", "input": "", "output": "The eel."},
         {"instruction": "Tell me, what is the very best way to cook an egg?", "output": "Boil it."},
         {"instruction": "Tell me what is the very best way to cook an egg", "output": "Boil it!"}]
        """);
    var alpaca = SourceSettings.of(Corpus.ALPACA, folder.resolve("alpaca.json"));
    var report = run(settings(List.of(alpaca), BadFiles.FAIL, LimitSettings.USUAL));
    assertThat(report.source("alpaca").dropped()).isEqualTo(Map.of("near-duplicate", 1L));
  }

  private List<String> texts(IngestReport report) {
    assertThat(report.sources()).isNotEmpty();
    return PublishedDocuments.open(folder.resolve("out"))
        .rows(LocalSpark.session())
        .select("text")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private static String lines(String... texts) {
    return Arrays.stream(texts)
        .map(text -> "{\"text\": \"" + text.replace("\n", "\\n") + "\"}\n")
        .collect(Collectors.joining());
  }

  /** 48 words, of which every tenth is the animal. */
  private static String story(String animal) {
    var random = new Random(animal.hashCode());
    var words = new StringBuilder("One evening the " + animal);
    for (var i = 0; i < 44; i++) {
      words.append(' ').append(i % 10 == 0 ? animal : "word" + random.nextInt(1000));
    }
    return words.append('.').toString();
  }

  private SourceSettings texts() {
    return new SourceSettings(
        Corpus.OTHER,
        Optional.of("texts"),
        List.of(folder.resolve("b.lines")),
        Format.AUTO,
        "text",
        Optional.empty(),
        500,
        Optional.empty(),
        Optional.empty());
  }

  private IngestSettings settings(List<SourceSettings> sources, DuplicateSettings duplicates) {
    return new IngestSettings(
        sources,
        Path.of("unused"),
        folder.resolve("out"),
        List.of(),
        CleaningSettings.of(0.05, 2, 5),
        duplicates,
        DecontaminationSettings.NONE,
        BadFiles.FAIL,
        LimitSettings.USUAL,
        60);
  }

  @Test
  void aFileThatCannotBeReadStopsEverythingBeforeAnythingIsPublished() throws IOException {
    pages("a.jsonl", 5);
    var broken = truncated("b.jsonl.gz");
    assertThatThrownBy(() -> run(settings(List.of(source()), BadFiles.FAIL, LimitSettings.USUAL)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            broken
                + " ends in the middle of its gzip data: it was cut off:"
                + " fetch the file again, or set badFiles: skip to leave it out");
    assertThat(folder.resolve("out")).doesNotExist();
    try (var left = Files.list(folder)) {
      assertThat(
              left.map(path -> path.getFileName().toString()).filter(name -> !name.startsWith(".")))
          .containsExactlyInAnyOrder("a.jsonl", "b.jsonl.gz", "out.metrics.jsonl");
    }
  }

  @Test
  void aFileThatCannotBeReadIsLeftOutAndCountedWhereSettingsSaySo() throws IOException {
    pages("a.jsonl", 5);
    truncated("b.jsonl.gz");
    var report = run(settings(List.of(source()), BadFiles.SKIP, LimitSettings.USUAL));
    assertThat(report.unreadable())
        .containsExactly(
            "other/b.jsonl.gz ends in the middle of its gzip data: it was cut off: fetch the file"
                + " again");
    assertThat(report.source("other").documents()).isEqualTo(5);
    assertThat(report.source("other").dropped().keySet()).containsExactly("unreadable-file");
    assertThat(report.text()).contains("left out: other/b.jsonl.gz ends");
  }

  @Test
  void aSourceThatGivesNothingIsNamedWithItsCounts() throws IOException {
    Files.writeString(folder.resolve("in.jsonl"), "{\"text\": \"short\"}\nbroken\n");
    var settings =
        new IngestSettings(
            List.of(source()),
            Path.of("unused"),
            folder.resolve("out"),
            List.of(),
            CleaningSettings.of(0.05, 64, 256),
            DuplicateSettings.USUAL,
            DecontaminationSettings.NONE,
            BadFiles.FAIL,
            LimitSettings.USUAL,
            100);
    assertThatThrownBy(() -> run(settings))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "source other gives no document: of 2 records in 1 files went invalid-json 1"
                + " (sources[0].format is auto), nothing-left 1 (cleaning.paragraphTokens is 64:"
                + " paragraphs of so many tokens or fewer go; 0 keeps all): correct what took"
                + " them, or its path");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void cardsKnowTheUsualTermsOfTheCorporaOnHuggingFace() {
    var known =
        Arrays.stream(Corpus.values())
            .map(SourceSettings::of)
            .filter(source -> HubDatasets.of(source.label(), source.terms()).isPresent())
            .map(SourceSettings::label);
    assertThat(known).containsExactly("openwebtext", "wikipedia", "bookcorpus", "alpaca");
  }

  @Test
  void theUserIsToldOfTermsThatBindWhatIsTrained() throws IOException {
    Files.writeString(
        folder.resolve("alpaca.json"), "[{\"instruction\": \"Say yes.\", \"output\": \"Yes.\"}]");
    var alpaca = SourceSettings.of(Corpus.ALPACA, folder.resolve("alpaca.json"));
    var report = run(settings(List.of(alpaca), BadFiles.FAIL, LimitSettings.USUAL));
    assertThat(report.text())
        .contains(
            "licence: alpaca: CC BY-NC 4.0: not for commercial use."
                + " A model trained on it must not be used commercially.");
    var published = PublishedDocuments.open(folder.resolve("out"));
    assertThat(published.licences())
        .isEqualTo(Map.of("alpaca", "CC BY-NC 4.0: not for commercial use"));
    assertThat(HubDatasets.of("alpaca", published.licences().get("alpaca")))
        .contains("tatsu-lab/alpaca");
    assertThat(Explanation.of(LocalSpark.session(), published.folder(), 3))
        .isEqualTo("nothing was dropped");
    var row = published.rows(LocalSpark.session()).first();
    assertThat(row.<String>getAs("kind")).isEqualTo("instruction");
    assertThat(row.<String>getAs("response")).isEqualTo("Yes.");
  }

  private List<Row> dropped() {
    var path = folder.resolve("out").resolve(Ingest.DROPPED).toString();
    return LocalSpark.session().read().parquet(path).collectAsList();
  }

  private SourceSettings source() {
    return SourceSettings.of(Corpus.OTHER, folder.resolve("*.jsonl*"));
  }

  private IngestSettings settings(
      List<SourceSettings> sources, BadFiles badFiles, LimitSettings limits) {
    return settings(sources, badFiles, limits, folder.resolve("out"));
  }

  /** So many keys that they are not little and shuffled. */
  private static IngestSettings settings(
      List<SourceSettings> sources, DuplicateSettings manyKeys, LimitSettings limits, Path output) {
    return settings(sources, manyKeys, BadFiles.FAIL, limits, output);
  }

  private static IngestSettings settings(
      List<SourceSettings> sources, BadFiles badFiles, LimitSettings limits, Path output) {
    return settings(sources, DuplicateSettings.USUAL, badFiles, limits, output);
  }

  private static IngestSettings settings(
      List<SourceSettings> sources,
      DuplicateSettings duplicates,
      BadFiles badFiles,
      LimitSettings limits,
      Path output) {
    return new IngestSettings(
        sources,
        Path.of("unused"),
        output,
        List.of(),
        CleaningSettings.of(0.05, 2, 5),
        duplicates,
        DecontaminationSettings.NONE,
        badFiles,
        limits,
        60);
  }

  private static IngestReport run(IngestSettings settings) {
    return Ingest.run(LocalSpark.session(), settings, false, WORDS, "words");
  }

  private void pages(String name, int count) throws IOException {
    var lines = new StringBuilder();
    for (var i = 0; i < count; i++) {
      lines.append("{\"text\": \"This is page %d of some.\\n\\nShort.\\n\\n".formatted(i));
      lines.append("It goes on here ").append("and on ".repeat(i % 7)).append("\"}\n");
    }
    Files.writeString(folder.resolve(name), lines);
  }

  private Path truncated(String name) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      for (var i = 0; i < 2000; i++) {
        gzip.write(
            "{\"text\": \"number %d of many\"}\n"
                .formatted(i * 7919)
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
    }
    return Files.write(
        folder.resolve(name), Arrays.copyOf(packed.toByteArray(), packed.size() / 2));
  }

  @Test
  void documentsThatWereChangedAreRefused() throws IOException {
    Files.writeString(
        folder.resolve("in.jsonl"), lines("The same words, here.", "Other words are here."));
    run(settings(List.of(source()), BadFiles.FAIL, LimitSettings.USUAL));
    var documents = folder.resolve("out/documents");
    var file = documents.resolve("part-00000.parquet");
    var bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    Files.writeString(documents.resolve("another.parquet"), "of somebody else: not looked at");
    assertThatThrownBy(
            () -> PublishedDocuments.open(folder.resolve("out")).rows(LocalSpark.session()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            file
                + " was changed after it was published (its SHA-256 is not the manifest's): run"
                + " ingest again");
  }
}
