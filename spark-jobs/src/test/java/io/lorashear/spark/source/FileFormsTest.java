package io.lorashear.spark.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a file is told to be, and that nothing but a text is taken for one. */
class FileFormsTest {
  private static final List<String> TEXTS = JsonFormsTest.TEXTS;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE", "UTF-8"})
  void otherEncodingsAreReadWithAndWithoutTheirMark(String name) throws IOException {
    var charset = Charset.forName(name);
    for (var mark : List.of("", "\ufeff")) {
      var lines =
          write(
              "a.jsonl",
              (mark + JsonFormsTest.all("{\"text\": %s}\n", "", "", "")).getBytes(charset));
      assertThat(texts(lines)).as("lines %s", mark).isEqualTo(TEXTS);
      var array = (mark + JsonFormsTest.all("{\"text\": %s}", "[", ",\n", "]")).getBytes(charset);
      assertThat(texts(write("a.json", array))).as("array %s", mark).isEqualTo(TEXTS);
      var text = (mark + String.join("\n\n", TEXTS)).getBytes(charset);
      assertThat(texts(write("a.txt", text))).containsExactly(String.join("\n\n", TEXTS));
    }
  }

  /** Cyrillic has zeros at its spaces alone; a lost half of a pair spoils its own record. */
  @Test
  void ofUtf16OnlyTheRecordThatIsNoneIsLost() throws IOException {
    var russian = "Однажды весною, в час небывало жаркого заката, в Москве. ".repeat(3).strip();
    assertThat(texts(write("a.txt", russian.getBytes(UTF_16LE)))).containsExactly(russian);
    var lines = "{\"text\": \"one\"}\n{\"text\": \"\ud83d!\"}\n{\"text\": \"three\"}\n";
    var readings = Readings.of(Corpus.OTHER, write("a.jsonl", bytes16(lines)));
    assertThat(readings.counts()).isEqualTo(Map.of("kept", 2, "invalid-encoding", 1));
  }

  private static byte[] bytes16(String text) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {(byte) 0xfe, (byte) 0xff});
    for (var letter : text.toCharArray()) {
      bytes.write(letter >> 8);
      bytes.write(letter);
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{Infobox}} is what it begins with.",
        "{Note: not JSON}\n\nAnd then text.",
        "{\"Hello\" she said} and went.",
        "[Illustration]\n\nCHAPTER I",
        "[1] The first note.\n[2] The second.",
        "[\"Yes\"] he said.",
        "\"Yes.\"\n\n\"No.\"\n\nThey talked.",
        "<i>Sir</i> Thomas wrote this.",
        "text, of course, is no table",
        "Chapter one, text\n\nIt was a day, and so on.",
        "ORCHIDS grow here.",
        "PARENTS stay there.",
        "GIF89 was a format once.",
        "Old lines\rend in\rreturns."
      })
  void textsMayBeginLikeAnythingElse(String text) throws IOException {
    assertThat(texts(write("a.txt", text))).containsExactly(text.replace('\r', '\n'));
  }

  @Test
  void whatIsKnownAndNotReadIsNamedWithTheWayOut() throws IOException {
    var forms = new LinkedHashMap<String, String>();
    forms.put("ARROW1\0\0", "is an Arrow file: write it as Parquet: ds.to_parquet(\"x.parquet\")");
    forms.put("\u00ff\u00ff\u00ff\u00ff\u0078\1\0\0\u0010\0\0\0", "is an Arrow file: write it");
    forms.put("FEA1\0\0\0\0", "is an Arrow file");
    forms.put("ORC\u000b\u0003\0\0", "is an ORC file");
    forms.put("Obj\1\4\u0016avro.schema", "is an Avro file");
    forms.put(
        "PARE\1\2\3", "is a Parquet file with an encrypted footer, for which there is no key");
    forms.put("SQLite format 3\0", "is an SQLite database");
    forms.put("\u0080\4\u0095\u0010\0\0", "is a Python pickle");
    forms.put("\u0080\2]q\0(X", "is a Python pickle");
    forms.put("%PDF-1.7\n", "is a PDF: extract its text first, for example with pdftotext");
    forms.put("PK\3\4\0\0mimetypeapplication/epub+zip", "is an EPUB book: write it as plain text");
    forms.put("PK\3\4\0\0[Content_Types].xml  word/document.xml", "is a Word document");
    forms.put("{\\rtf1\\ansi Hello}", "is a document in RTF");
    forms.put("WARC/1.0\r\nWARC-Type: warcinfo", "is a WARC file, as Common Crawl has them");
    forms.put("version https://git-lfs.github.com/spec/v1\noid", "is a pointer of Git LFS");
    forms.put("-- MySQL dump 10.19\n--", "is a dump of a database in SQL");
    forms.put("<!DOCTYPE html>\n<p>Hello</p>", "is an HTML page: extract its text first");
    forms.put("<?xml version=\"1.0\"?>\n<!-- x --><html>", "is an HTML page");
    forms.put("<?xml version=\"1.0\"?>\n<TEI>", "is XML, and no dump of a MediaWiki");
    forms.put("<TEI xmlns=\"http://www.tei-c.org/ns/1.0\">\n<text>", "is XML, and no dump");
    forms.put("id,text\n1,Hello\n", "is a table (CSV or TSV): write it as JSON lines");
    forms.put("id\ttext\n1\tHello\n", "is a table (CSV or TSV)");
    forms.put("{'text': 'Hello', 'n': None}\n", "is what Python prints of a dictionary");
    forms.put("[{'text': 'Hello'}]\n", "is what Python prints of a dictionary");
    forms.put("7z\u00bc\u00af'\u001c\0", "is a 7z archive, which is not read: unpack it");
    for (var form : forms.entrySet()) {
      var file = write("a.bin", form.getKey().getBytes(ISO_8859_1));
      var readings = Readings.of(Corpus.OTHER, file);
      assertThat(readings.problems()).as(form.getKey()).hasSize(1);
      assertThat(readings.problems().get(0))
          .startsWith(file + " " + form.getValue())
          .endsWith(", or set badFiles: skip to leave it out")
          .doesNotContain("fetch the file again");
      assertThat(readings.documents()).isEmpty();
    }
  }

  @Test
  void namesDecideWhereBytesCannot() throws IOException {
    assertThat(problem("a.csv", "one,two\n1,2\n")).contains("is a table (CSV or TSV)");
    assertThat(problem("a.tsv.gz", "")).contains("is empty");
    assertThat(problem("a.jsonl.br", "\u000b\2")).contains("is brotli data, which is read inside");
    assertThat(problem("a.tfrecord", "\0\0")).contains("is a file of TFRecords");
  }

  private String problem(String name, String bytes) throws IOException {
    return Readings.of(Corpus.OTHER, write(name, bytes.getBytes(ISO_8859_1))).problems().get(0);
  }

  /** The user's own word decides where text is text; never where it is none. */
  @Test
  void aFormatThatIsGivenTakesTextAsItStands() throws IOException {
    var page = write("a.html", "<html><p>one</p><p>two</p><p>three</p><br></html>");
    var readings = Readings.of(source(Format.TEXT, page), LimitSettings.USUAL);
    assertThat(readings.documents()).hasSize(1);
    assertThat(readings.documents().get(0).warnings()).containsOnlyKeys("looks-like-markup");
    var pdf = write("a.pdf", "%PDF-1.4 text");
    assertThat(Readings.of(source(Format.TEXT, pdf), LimitSettings.USUAL).problems()).hasSize(1);
  }

  private static SourceSettings source(Format format, Path path) {
    var usual = SourceSettings.of(Corpus.OTHER, path);
    return new SourceSettings(
        usual.corpus(),
        usual.name(),
        usual.paths(),
        format,
        usual.textField(),
        usual.separator(),
        usual.sentencesPerDocument(),
        usual.firstRecords(),
        usual.licence());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "<div><p>word</p><br/><a href='x'>link</a></div>|looks-like-markup",
        "\\documentclass{article}\\begin{document}\\section{A}\\cite{b}\\emph{c}|looks-like-latex",
        "Text: {\"a\": 1, \"b\": 2, \"c\": 3, \"d\": 4, \"e\": 5}|looks-like-json",
        "A [[link]], [[another]], {{cite}} and [[more]] of [[them]].|looks-like-wikitext",
        "a,b,c;1,2,3;4,5,6;7,8,9;1,2,3;4,5,6;7,8,9;1,2,3|looks-like-table",
        "He said <b>no</b>, and: \"why\": so, he [sic] went.|",
        "One, two, three.;Words, and more, of them.;None.|"
      })
  void textThatLooksLikeSomethingElseIsTold(String text, String warning) throws IOException {
    var lines = text.replace(';', '\n');
    var expected = warning == null ? List.of() : List.of(warning);
    for (var file : List.of(write("a.txt", lines), write("a.jsonl", json(lines)))) {
      var readings = Readings.of(source(Format.AUTO, file), LimitSettings.USUAL);
      assertThat(readings.documents().get(0).warnings().keySet())
          .containsExactlyElementsOf(expected.stream().map(String::valueOf).toList());
      assertThat(readings.texts()).containsExactly(lines);
    }
  }

  private static String json(String text) {
    return new ObjectMapper().createObjectNode().put("text", text) + "\n";
  }

  @Test
  void whatLiesBesideACorpusIsNoDocument() throws IOException {
    var beside =
        List.of(
            ".gitattributes",
            "LICENSE",
            "README.md",
            "README_zh.md",
            "SHA256SUMS",
            "_SUCCESS",
            "dataset_infos.json",
            "enwiki-20260101-md5sums.txt",
            "out.metrics.jsonl",
            "state.json",
            "train.jsonl.crc",
            "train.jsonl.sha256",
            "x.incomplete");
    for (var name : beside) {
      write(name, "No document.");
    }
    write("readme.jsonl", "{\"text\": \"one\"}\n");
    write("licensed.txt", "two");
    var readings = Readings.of(Corpus.OTHER, folder);
    assertThat(readings.texts()).containsExactlyInAnyOrder("one", "two");
    assertThat(readings.notes())
        .containsExactly(
            "source other: left out as no documents, 13: .gitattributes, LICENSE, README.md,"
                + " README_zh.md, SHA256SUMS, _SUCCESS, dataset_infos.json,"
                + " enwiki-20260101-md5sums.txt and 5 more");
    var named = Readings.of(Corpus.OTHER, folder.resolve("README.md"));
    assertThat(named.texts()).containsExactly("No document.");
  }

  /** Archives of before POSIX have no mark, but a sum over their header. */
  @Test
  void oldArchivesAreKnownByTheirSum() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      member(tar, "a.txt", "A text.");
    }
    var old = bytes.toByteArray();
    Arrays.fill(old, 257, 265, (byte) 0);
    Arrays.fill(old, 148, 156, (byte) ' ');
    var sum = 0;
    for (var i = 0; i < 512; i++) {
      sum += old[i] & 0xff;
    }
    System.arraycopy("%06o\0 ".formatted(sum).getBytes(UTF_8), 0, old, 148, 8);
    assertThat(texts(write("a.tar", old))).containsExactly("A text.");
  }

  @Test
  void filesInAnArchiveAreToldApartToo() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      member(tar, "data/README.md", "About it.");
      member(tar, "data/a.txt", "A text.");
      member(tar, "data/b.jsonl", "{\"text\": \"one\"}\n{\"text\": \"two\"}\n{\"n\": 1}\n");
      member(tar, "data/c.json", "[{\"text\": \"three\"}]");
      member(tar, "data/d.pdf", "%PDF-1.4");
      member(tar, "data/e.html", "<html><p>x</p></html>");
    }
    var readings = Readings.of(Corpus.OTHER, write("a.tar", bytes.toByteArray()));
    assertThat(readings.texts()).containsExactly("A text.", "one", "two", "three");
    assertThat(readings.counts())
        .isEqualTo(Map.of("kept", 4, "no-document", 1, "no-text-field", 1, "not-read", 2));
    assertThat(readings.documents().get(2).id()).isEqualTo("other/a.tar#data/b.jsonl#0000000016");
  }

  private static void member(TarArchiveOutputStream tar, String name, String text)
      throws IOException {
    var entry = new TarArchiveEntry(name);
    entry.setSize(text.length());
    tar.putArchiveEntry(entry);
    tar.write(text.getBytes(UTF_8));
    tar.closeArchiveEntry();
  }

  @Test
  void dumpsAreKnownWhateverTheCorpusIsCalled() throws IOException {
    var page =
        "<mediawiki><page><title>T</title><ns>0</ns><id>1</id><revision><text>Some '''words'''."
            + "</text></revision></page></mediawiki>";
    assertThat(texts(write("a.xml", page))).containsExactly("Some words.");
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
