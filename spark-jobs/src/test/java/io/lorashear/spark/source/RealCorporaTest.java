package io.lorashear.spark.source;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.reference.ReferenceData;
import io.lorashear.spark.dedup.TextHash;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Counts of real corpora against the counts their keepers state. */
@Tag("reference")
class RealCorporaTest {
  private static final Path DUMPS = Path.of("data/wikipedia/dumps");

  @Test
  void openWebText() {
    var pages = Readings.of(Corpus.OPENWEBTEXT, data("openwebtext/openwebtext-1000.jsonl.gz"));
    assertThat(pages.counts()).isEqualTo(Map.of("kept", 1000));
    assertThat(pages.texts()).doesNotHaveDuplicates();
    var folder = Readings.of(Corpus.OPENWEBTEXT, data("openwebtext/layout-sample"));
    assertThat(folder.counts()).isEqualTo(Map.of("kept", 4));
    // the same pages but for the number of blank lines
    assertThat(hashes(pages)).containsAll(hashes(folder)).hasSize(1000);
    assertThat(Readings.of(Corpus.OPENWEBTEXT, data("openwebtext/cc_en_head-*.jsonl.gz")).counts())
        .isEqualTo(Map.of("kept", 20));
  }

  @Test
  void wikipediaDumpOfOldEnglishPages() {
    var counts =
        dump("enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2").counts();
    // 206 pages; of the 100 redirects one is no article; 106 articles, 8 of them lists of names
    assertThat(counts)
        .isEqualTo(
            Map.of(
                "kept",
                97,
                "disambiguation",
                8,
                "no-text",
                1,
                "redirect",
                99,
                "other-namespace",
                1));
  }

  @Test
  void wikipediaDumpsOfOtherAgesAndLanguages() {
    assertThat(dump("dbpedia-minidump-enwiki.xml.bz2").counts())
        .isEqualTo(Map.of("kept", 23, "disambiguation", 1, "redirect", 2, "other-namespace", 1));
    assertThat(dump("Wikipedia-20171220131118.xml.gz").counts())
        .isEqualTo(Map.of("kept", 88, "other-namespace", 11));
    assertThat(dump("enwiki-table-markup.xml.bz2").counts()).isEqualTo(Map.of("kept", 5));
    // says of one page only in its text that it is a redirect
    assertThat(dump("tinywiki-latest-pages-articles.xml.gz").counts())
        .isEqualTo(Map.of("kept", 6, "disambiguation", 1, "redirect", 1));
    assertThat(dump("mercedes.xml.gz").counts()).isEqualTo(Map.of("kept", 1));
    assertThat(dump("aawiki-20260101-pages-meta-current.xml.bz2").counts())
        .isEqualTo(Map.of("no-text", 1, "redirect", 1, "other-namespace", 505));
    // UTF-16
    var bulgarian = dump("bgwiki-latest-pages-articles-shortened.xml.bz2");
    assertThat(bulgarian.counts()).isEqualTo(Map.of("kept", 1, "other-namespace", 2));
    assertThat(bulgarian.texts().get(0)).containsPattern("\\p{IsCyrillic}{5}");
  }

  @Test
  void wikipediaTextHasNoMarkUpLeft() {
    var texts = dump("dbpedia-minidump-enwiki.xml.bz2").texts();
    assertThat(texts)
        .noneMatch(Pattern.compile("\\{\\{|\\}\\}|\\[\\[|\\]\\]|<ref|'''|&nbsp;").asPredicate());
  }

  @Test
  void aDumpIsReadTheSameInOneSliceAndInMany() {
    var path =
        ReferenceData.path(
            DUMPS
                .resolve("enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2")
                .toString());
    var source = SourceSettings.of(Corpus.WIKIPEDIA, path);
    var whole = Readings.of(source, LimitSettings.USUAL).all();
    var sliced = Readings.of(source, new LimitSettings(32 << 20, 500_000)).all();
    assertThat(sliced).containsExactlyInAnyOrderElementsOf(whole);
  }

  @Test
  void wikiExtractor() {
    assertThat(Readings.of(Corpus.WIKIPEDIA, data("wikipedia/wikiextractor")).counts())
        .isEqualTo(Map.of("kept", 4368, "no-text", 7669));
  }

  @Test
  void gutenbergBooksOfAllAgesAndEncodings() {
    var books =
        Readings.of(Corpus.GUTENBERG, data("gutenberg/books"), data("gutenberg/edge-cases"));
    assertThat(books.counts()).isEqualTo(Map.of("kept", 39, "other-encoding", 1));
    for (var book : books.documents()) {
      assertThat(book.text())
          .as(book.id())
          .doesNotContain("*** START", "*** END", "START: FULL LICENSE", "SMALL PRINT!", "\ufffd")
          .doesNotContain("Release Date", "Character set encoding")
          .hasSizeGreaterThan(100_000);
    }
  }

  @Test
  void bothEncodingsOfOneBookGiveTheSameWords() {
    var utf8 = Readings.of(Corpus.GUTENBERG, data("gutenberg/books/44157-0.txt.gz"));
    var latin1 = Readings.of(Corpus.GUTENBERG, data("gutenberg/edge-cases/44157-8.txt.gz"));
    var both = words(utf8);
    both.retainAll(words(latin1));
    assertThat(both.size()).isGreaterThan(3000);
    assertThat(both.size() / (double) words(utf8).size()).isGreaterThan(0.99);
  }

  private static Set<String> hashes(Readings readings) {
    return readings.texts().stream().map(text -> TextHash.of(text, "")).collect(toSet());
  }

  private static Set<String> words(Readings readings) {
    return new TreeSet<>(List.of(readings.texts().get(0).split("[^\\p{L}]+")));
  }

  @Test
  void bookCorpusInBothShapes() {
    var sentences = Readings.of(Corpus.BOOKCORPUS, data("bookcorpus/books_standin_p1.txt.gz"));
    assertThat(sentences.counts()).isEqualTo(Map.of("kept", 82));
    assertThat(sentences.texts().stream().mapToLong(text -> text.lines().count()).sum())
        .isEqualTo(40_836);
    var books = Readings.of(Corpus.BOOKCORPUS, data("bookcorpus/books"));
    assertThat(books.counts()).isEqualTo(Map.of("kept", 9));
  }

  @Test
  void alpaca() {
    var instructions = Readings.of(Corpus.ALPACA, data("alpaca/alpaca_data.json.gz"));
    assertThat(instructions.counts()).isEqualTo(Map.of("kept", 51_974, "no-response", 28));
    var first = instructions.documents().get(0);
    assertThat(first.kind()).isEqualTo(Kind.INSTRUCTION);
    assertThat(first.text())
        .startsWith("Below is an instruction that describes a task. Write a response")
        .endsWith("Give three tips for staying healthy.\n\n### Response:");
    assertThat(first.response()).startsWith("1.Eat a balanced diet");
  }

  @Test
  void tinyStoriesApartByTheirSeparator() {
    var settings = SourceSettings.of(Corpus.OTHER, data("tinystories/tinystories_sample.txt.gz"));
    var source =
        new SourceSettings(
            settings.corpus(),
            settings.name(),
            settings.paths(),
            Format.TEXT,
            settings.textField(),
            Optional.of("<|endoftext|>"),
            settings.sentencesPerDocument(),
            settings.firstRecords(),
            settings.licence());
    assertThat(Readings.of(source, LimitSettings.USUAL).counts()).isEqualTo(Map.of("kept", 2317));
  }

  private static Readings dump(String name) {
    return Readings.of(Corpus.WIKIPEDIA, ReferenceData.path(DUMPS.resolve(name).toString()));
  }

  private static Path data(String name) {
    var glob = name.contains("*");
    return glob
        ? ReferenceData.path("data/" + Path.of(name).getParent())
            .resolve(Path.of(name).getFileName())
        : ReferenceData.path("data/" + name);
  }
}
