package io.lorashear.sampleworld;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.InputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleWorldTest {
  private static final int DOCUMENTS = 60;

  @TempDir static Path folder;
  static SampleFiles sample = new SampleFiles(Path.of(""));

  @BeforeAll
  static void write() {
    SampleWorld.write(folder.resolve("world"), 3, DOCUMENTS);
    sample = new SampleFiles(folder.resolve("world"));
  }

  @Test
  void theSameSeedGivesTheSameBytes() throws IOException {
    SampleWorld.write(folder.resolve("again"), 3, DOCUMENTS);
    SampleWorld.write(folder.resolve("other"), 4, DOCUMENTS);
    assertThat(digests(folder.resolve("again"))).isEqualTo(digests(folder.resolve("world")));
    assertThat(digests(folder.resolve("other")).get("benchmarks/world.jsonl"))
        .isNotEqualTo(digests(folder.resolve("world")).get("benchmarks/world.jsonl"));
  }

  private static Map<String, String> digests(Path directory) throws IOException {
    var digests = new TreeMap<String, String>();
    try (var files = Files.walk(directory)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        digests.put(
            directory.relativize(file).toString(), digest("SHA-256", Files.readAllBytes(file)));
      }
    }
    return digests;
  }

  private static String digest(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyRecordOfEverySourceIsCounted() throws Exception {
    var sources = sample.truth().get("sources");
    var lines = sample.lines("openwebtext/openwebtext-more.jsonl.gz").size() - 1;
    assertThat(sample.webPages().size() + lines)
        .isEqualTo(sources.at("/openwebtext/records").asInt());
    assertThat(sample.wikiPages()).hasSize(sources.at("/wikipedia/records").asInt());
    assertThat(books()).hasSize(sources.at("/gutenberg/records").asInt());
    assertThat(sample.alpaca()).hasSize(sources.at("/alpaca/records").asInt());
    var sentences = bookLines(1).size() + bookLines(2).size() - 2;
    assertThat(sentences).isEqualTo(sources.at("/bookcorpus/records").asInt());
    for (var source : sources) {
      var planted = new ArrayList<Integer>();
      source.get("plantedByKind").forEach(count -> planted.add(count.asInt()));
      assertThat(source.get("ordinary").asInt() + planted.stream().mapToInt(i -> i).sum())
          .isEqualTo(source.get("records").asInt());
    }
  }

  @Test
  void webPagesAreNamedByTheirDigest() throws IOException {
    sample
        .webPages()
        .forEach((name, bytes) -> assertThat(name).endsWith("-" + digest("MD5", bytes) + ".txt"));
  }

  @Test
  void plantedWebPagesAreWhatTheTruthSays() throws IOException {
    var pages = sample.webPages();
    for (var plant : sample.planted("openwebtext")) {
      if (plant.get("file").asText().endsWith(".tar")) {
        checkPage(plant, pages.get(SampleFiles.key(plant)), pages);
      }
    }
  }

  private static void checkPage(JsonNode plant, byte[] bytes, Map<String, byte[]> pages)
      throws IOException {
    var text = new String(bytes, StandardCharsets.UTF_8);
    switch (plant.get("kind").asText()) {
      case "exact-duplicate" -> assertThat(text).isEqualTo(original(plant, pages));
      case "exact-duplicate-white-space" ->
          assertThat(text)
              .isNotEqualTo(original(plant, pages))
              .isEqualToIgnoringWhitespace(original(plant, pages));
      case "near-duplicate" ->
          assertThat(jaccard(text, original(plant, pages)))
              .isCloseTo(plant.get("jaccard").asDouble(), within(1e-12));
      case "irregular-characters",
          "short-paragraphs",
          "noise",
          "only-short-paragraphs",
          "benchmark-leak" -> {
        assertThat(plant.get("removed"))
            .isNotEmpty()
            .allMatch(piece -> text.contains(piece.asText()));
        assertThat(
                plant.get("kind").asText().startsWith("irregular")
                    && text.contains(plant.path("expected").asText()))
            .isFalse();
      }
      case "mojibake" -> {
        assertThat(text).contains("cafÃ©");
        assertThat(plant.get("expected").asText()).contains("café");
      }
      case "wrong-encoding" ->
          assertThatThrownBy(
                  () -> StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)))
              .isInstanceOf(CharacterCodingException.class);
      case "empty" -> assertThat(text).isBlank();
      default -> throw new AssertionError(plant);
    }
  }

  private static String original(JsonNode plant, Map<String, byte[]> pages) {
    return new String(pages.get(SampleFiles.key(plant.get("of"))), StandardCharsets.UTF_8);
  }

  /** By sorted lists of shingles, letter by letter: another road than the generator's. */
  private static double jaccard(String a, String b) {
    var left = shingles(a);
    var right = shingles(b);
    var union = new TreeSet<>(left);
    union.addAll(right);
    return (double) (left.size() + right.size() - union.size()) / union.size();
  }

  private static TreeSet<String> shingles(String text) {
    var words = new ArrayList<String>();
    var word = new StringBuilder();
    for (var c : (text + " ").toCharArray()) {
      if (Character.isLetterOrDigit(c)) {
        word.append(Character.toLowerCase(c));
      } else if (!word.isEmpty()) {
        words.add(word.toString());
        word.setLength(0);
      }
    }
    var shingles = new TreeSet<String>();
    for (var i = 4; i < words.size(); i++) {
      shingles.add(words.subList(i - 4, i + 1).toString());
    }
    return shingles;
  }

  @Test
  void nearDuplicatesStandAtSeveralLevels() throws IOException {
    var levels =
        sample.planted("wikipedia").stream()
            .filter(plant -> plant.get("kind").asText().equals("near-duplicate"))
            .map(plant -> plant.get("jaccard").asDouble())
            .toList();
    var wanted = List.of(0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98);
    assertThat(levels).hasSize(wanted.size());
    for (var level : wanted) {
      assertThat(levels).anyMatch(jaccard -> Math.abs(jaccard - level) < 0.02);
    }
  }

  @Test
  void articlesReadBackAreTheirOriginals() throws Exception {
    var pages = sample.wikiPages();
    for (var plant : sample.planted("wikipedia")) {
      if (plant.has("of")) {
        var copy = SampleFiles.prose(pages.get(SampleFiles.key(plant)).text());
        var original = SampleFiles.prose(pages.get(SampleFiles.key(plant.get("of"))).text());
        assertThat(jaccard(copy, original))
            .as(plant.toString())
            .isCloseTo(plant.get("jaccard").asDouble(), within(1e-12));
      }
    }
  }

  @Test
  void pagesThatAreNoArticlesAreMarkedAsSuch() throws Exception {
    var pages = sample.wikiPages();
    var seen = new HashSet<String>();
    for (var plant : sample.planted("wikipedia")) {
      var page = pages.get(SampleFiles.key(plant));
      switch (plant.get("kind").asText()) {
        case "redirect" -> assertThat(page.redirect()).isTrue();
        case "other-namespace" -> assertThat(page.namespace()).isNotEqualTo("0");
        case "disambiguation" -> assertThat(page.text()).contains("{{disambiguation}}");
        case "no-text" -> assertThat(SampleFiles.prose(page.text())).isBlank();
        default -> assertThat(SampleFiles.prose(page.text())).isNotBlank();
      }
      seen.add(plant.get("kind").asText());
    }
    assertThat(seen).contains("redirect", "other-namespace", "disambiguation", "no-text");
  }

  @Test
  void theDumpIsSeveralStreams() throws IOException {
    var bytes =
        Files.readAllBytes(
            sample
                .directory()
                .resolve("wikipedia/samplewiki-20260101-pages-articles-multistream.xml.bz2"));
    try (var first =
        new org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream(
            new java.io.ByteArrayInputStream(bytes), false)) {
      assertThat(new String(first.readAllBytes(), StandardCharsets.UTF_8))
          .endsWith("</siteinfo>\n");
    }
  }

  @Test
  void malformedLinesAreMalformedAndTheOthersAreNot() throws IOException {
    var file = "openwebtext/openwebtext-more.jsonl.gz";
    var bytes = sample.unpacked(file);
    var lines = sample.lines(file);
    var bad = new HashMap<Integer, String>();
    for (var plant : sample.planted("openwebtext")) {
      if (plant.get("file").asText().equals(file)) {
        var line = lines.get(plant.get("record").asInt() - 1);
        assertThat(
                new String(
                    bytes, plant.get("offset").asInt(), line.length(), StandardCharsets.ISO_8859_1))
            .isEqualTo(line);
        bad.put(plant.get("record").asInt(), plant.get("kind").asText());
      }
    }
    assertThat(bad.values())
        .contains("invalid-json", "not-an-object", "no-text-field", "empty", "exact-duplicate");
    for (var i = 1; i < lines.size(); i++) {
      var kind = bad.getOrDefault(i, "ordinary");
      var valid = List.of("ordinary", "exact-duplicate", "empty").contains(kind);
      assertThat(hasText(lines.get(i - 1))).as(lines.get(i - 1)).isEqualTo(valid);
    }
  }

  private static boolean hasText(String line) {
    try {
      return SampleFiles.JSON.readTree(line).path("text").isTextual();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void ordinaryWebPagesAreLongAndUnlikeEachOther() throws IOException {
    var pages = sample.webPages();
    sample.planted("openwebtext").forEach(plant -> pages.remove(SampleFiles.key(plant)));
    var texts =
        pages.values().stream().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).toList();
    for (var i = 0; i < texts.size(); i++) {
      assertThat(texts.get(i).split("\n\n"))
          .allMatch(paragraph -> paragraph.split("\\s+").length > 64);
      for (var j = 0; j < i; j++) {
        assertThat(jaccard(texts.get(i), texts.get(j))).isLessThan(0.5);
      }
    }
  }

  private static List<String> books() throws IOException {
    try (var files = Files.list(sample.directory().resolve("gutenberg"))) {
      return files.map(file -> "gutenberg/" + file.getFileName()).sorted().toList();
    }
  }

  @Test
  void editionsAreAsLikeAsTheTruthSays() throws IOException {
    var seen = 0;
    for (var plant : sample.planted("gutenberg")) {
      if (plant.has("of")) {
        assertThat(jaccard(book(plant), book(plant.get("of"))))
            .as(plant.toString())
            .isCloseTo(plant.get("jaccard").asDouble(), within(1e-12));
        seen++;
      }
    }
    assertThat(seen).isEqualTo(3);
  }

  private static String book(JsonNode place) throws IOException {
    var file = place.get("file").asText();
    var charset =
        file.matches(".*(-8|smple.*)\\.txt") ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8;
    var text = Files.readString(sample.directory().resolve(file), charset);
    return SampleFiles.prose(text, text.contains("\r\n") ? "\r\n" : "\n");
  }

  @Test
  void booksComeInEveryLayout() throws IOException {
    var heads = new HashSet<String>();
    for (var file : books()) {
      var text = Files.readString(sample.directory().resolve(file), StandardCharsets.ISO_8859_1);
      for (var mark :
          List.of(
              "*** START OF THE PROJECT",
              "*** START OF THIS PROJECT",
              "***START OF THE PROJECT",
              "GUTENBERG EBOOK, ",
              "*END THE SMALL PRINT",
              "\u00ef\u00bb\u00bf",
              "\r\n",
              "encoding: ISO-8859-1",
              "encoding: UTF-8",
              "End of Project Gutenberg Etext")) {
        if (text.contains(mark)) {
          heads.add(mark);
        }
      }
      assertThat(text.lines().mapToInt(String::length).max().orElse(0)).isLessThan(110);
    }
    assertThat(heads).hasSize(10);
  }

  private static List<String> bookLines(int part) throws IOException {
    return sample.lines("bookcorpus/books_large_p" + part + ".txt.gz");
  }

  @Test
  void sentencesAreSpelledAsBookCorpusSpellsThem() throws IOException {
    assertThat(BookCorpus.split("“Don't worry, Mara,” I said."))
        .isEqualTo("`` do n't worry , mara , '' i said .");
    var planted = new HashSet<Integer>();
    sample.planted("bookcorpus").forEach(plant -> planted.add(plant.get("record").asInt()));
    var lines = bookLines(1);
    for (var i = 1; i < lines.size(); i++) {
      assertThat(planted.contains(i) || lines.get(i - 1).matches("[a-z0-9`',.?!; -]+ [.?!;]( '')?"))
          .as(lines.get(i - 1))
          .isTrue();
    }
    assertThat(String.join(" ", lines)).contains("`` ", " ''", " n't", " 's ");
  }

  @Test
  void theVocabularyIsSmall() throws IOException {
    var words = new HashSet<String>();
    for (var bytes : sample.webPages().values()) {
      words.addAll(Shingles.words(new String(bytes, StandardCharsets.UTF_8)));
    }
    bookLines(1).forEach(line -> words.addAll(Shingles.words(line)));
    assertThat(words.size()).isBetween(400, 2000);
  }

  @Test
  void brokenFilesCannotBeReadToTheEnd() throws IOException {
    var broken = sample.directory().resolve("broken");
    assertThatThrownBy(() -> new SampleFiles(broken).wikiPages()).isInstanceOf(Exception.class);
    assertThatThrownBy(() -> new SampleFiles(broken).unpacked("bookcorpus/books_large_p1.txt.gz"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(
            () -> SampleFiles.JSON.readTree(broken.resolve("alpaca/alpaca_data.json").toFile()))
        .isInstanceOf(IOException.class);
    assertThat(broken.resolve("empty/empty.jsonl")).isEmptyFile();
    for (var node : sample.truth().get("broken")) {
      assertThat(sample.directory().resolve(node.get("file").asText())).exists();
    }
  }

  @Test
  void numbersOutOfRangeAreNamed() {
    assertThatThrownBy(() -> SampleWorld.write(folder.resolve("few"), 1, 3))
        .isInstanceOf(InputException.class)
        .hasMessage("3 documents: give a number between 20 and 100000, for example 400");
    assertThat(folder.resolve("few")).doesNotExist();
  }
}
