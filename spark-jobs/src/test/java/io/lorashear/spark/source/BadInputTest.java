package io.lorashear.spark.source;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import io.lorashear.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BadInputTest {
  private static final String SKIP = ", or set badFiles: skip to leave it out";
  private static final String REMEDY = ": fetch the file again" + SKIP;

  @TempDir Path folder;

  @Test
  void aPathThatLeadsNowhereIsNamed() {
    var missing = folder.resolve("dump.xml.bz2");
    assertThatThrownBy(() -> Readings.of(Corpus.WIKIPEDIA, missing))
        .isInstanceOf(InputException.class)
        .hasMessage(
            missing
                + ": no such file or folder (source wikipedia): correct its path in the settings");
    assertThatThrownBy(() -> Readings.of(Corpus.GUTENBERG, folder.resolve("*.txt")))
        .hasMessage(
            folder.resolve("*.txt")
                + ": no such file or folder (source gutenberg): correct its path in the settings");
  }

  /** Ids must not say where on this machine the files lie. */
  @Test
  void filesAreNamedFromTheFolderTheyShareHoweverTheyAreGiven() throws IOException {
    write("a b.txt", "one".getBytes(UTF_8));
    write("c%20d.txt", "two".getBytes(UTF_8));
    var readings = Readings.of(Corpus.OTHER, folder.resolve("a*.txt"), folder.resolve("c%20d.txt"));
    assertThat(readings.documents().stream().map(Document::id))
        .containsExactly("other/a b.txt", "other/c%20d.txt");
  }

  @Test
  void aFolderWithoutFilesIsNamed() {
    assertThatThrownBy(() -> Readings.of(Corpus.GUTENBERG, folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            folder
                + " holds no file (source gutenberg):"
                + " put the corpus there, or correct the path in the settings");
  }

  @Test
  void anEmptyFileIsNamed() throws IOException {
    var file = write("a.jsonl", new byte[0]);
    assertThat(Readings.of(Corpus.OTHER, file).problems())
        .containsExactly(file + " is empty" + REMEDY);
  }

  @Test
  void aTruncatedGzipFileGivesItsRecordsAndOneMessage() throws IOException {
    var bytes = gzip(lines(400));
    var file = write("a.jsonl.gz", Arrays.copyOf(bytes, bytes.length / 2));
    var readings = Readings.of(Corpus.OPENWEBTEXT, file);
    assertThat(readings.problems())
        .containsExactly(file + " ends in the middle of its gzip data: it was cut off" + REMEDY);
    assertThat(readings.documents()).hasSizeBetween(1, 399);
  }

  @Test
  void aTruncatedBzip2FileGivesOneMessage() throws IOException {
    var bytes = bzip2(lines(400));
    var file = write("a.jsonl.bz2", Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(Readings.of(Corpus.OPENWEBTEXT, file).problems())
        .containsExactly(file + " ends in the middle of its bzip2 data: it was cut off" + REMEDY);
  }

  @Test
  void aTruncatedXzFileGivesOneMessage() throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var xz = new XZCompressorOutputStream(packed)) {
      xz.write(lines(400));
    }
    var file = write("a.jsonl.xz", Arrays.copyOf(packed.toByteArray(), packed.size() / 2));
    assertThat(Readings.of(Corpus.OPENWEBTEXT, file).problems())
        .containsExactly(file + " ends in the middle of its xz data: it was cut off" + REMEDY);
  }

  @Test
  void aTruncatedSliceOfALargeDumpGivesOneMessage() throws IOException {
    var bytes = bzip2(dump(3000).getBytes(UTF_8));
    var file = write("a.xml.bz2", Arrays.copyOf(bytes, bytes.length * 2 / 3));
    var source = SourceSettings.of(Corpus.WIKIPEDIA, file);
    var readings = Readings.of(source, new LimitSettings(1 << 20, bytes.length / 5));
    assertThat(readings.problems())
        .containsExactly(file + " ends in the middle of its bzip2 data: it was cut off" + REMEDY);
  }

  @Test
  void damagedBytesAreToldFromMissingOnes() throws IOException {
    var bytes = bzip2(lines(400));
    bytes[bytes.length / 2] ^= 0x55;
    var file = write("a.jsonl.bz2", bytes);
    assertThat(Readings.of(Corpus.OPENWEBTEXT, file).problems().get(0))
        .startsWith(file + " has damaged bzip2 data (");
  }

  @Test
  void aFileThatIsNotWhatItsNameSaysIsNamedWithItsBeginning() throws IOException {
    var page = "<!DOCTYPE html><html><body>Not found</body></html>".getBytes(UTF_8);
    var packed = write("enwiki.xml.bz2", page);
    assertThat(Readings.of(Corpus.WIKIPEDIA, packed).problems())
        .containsExactly(
            packed
                + " is not bzip2 data: it begins with"
                + " \"<!DOCTYPE html><html><body>Not found</bo\""
                + REMEDY);
    var plain = write("enwiki.xml", page);
    assertThat(Readings.of(Corpus.WIKIPEDIA, plain).problems())
        .containsExactly(
            plain
                + " is not a MediaWiki dump, WikiExtractor's output or JSON lines: it begins with"
                + " \"<!DOCTYPE html><html><body>Not found</bo\""
                + REMEDY);
  }

  @Test
  void anArrayThatBreaksOffIsNamedWithItsPlace() throws IOException {
    var file =
        write(
            "a.json",
            "[\n{\"instruction\": \"Say.\", \"output\": \"Yes.\"},\n{\"instr".getBytes(UTF_8));
    var readings = Readings.of(Corpus.ALPACA, file);
    assertThat(readings.documents()).hasSize(1);
    assertThat(readings.problems().get(0))
        .startsWith(file + " is not valid JSON at line 3, column ")
        .endsWith(REMEDY);
  }

  @Test
  void aPlainDumpThatBreaksOffInsideAPageIsNamed() throws IOException {
    var dump = dump(3);
    var file = write("a.xml", dump.substring(0, dump.length() - 60).getBytes(UTF_8));
    var readings = Readings.of(Corpus.WIKIPEDIA, file);
    assertThat(readings.documents()).hasSize(2);
    assertThat(readings.problems())
        .containsExactly(file + " ends in the middle of a page: it was cut off" + REMEDY);
  }

  @Test
  void badLinesAreCountedAndTheOthersKept() throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes("{\"text\": \"kept\"}\nno json\n{\"text\": 7}\n\n[1]\n".getBytes(UTF_8));
    bytes.writeBytes("{\"text\": \" \"}\n{\"text\": \"caf\u00e9\"}\n".getBytes(ISO_8859_1));
    bytes.writeBytes(
        ("{\"text\": \"" + "long ".repeat(1000) + "\"}\n{\"text\": \"last\"}").getBytes(UTF_8));
    var source = SourceSettings.of(Corpus.OTHER, write("a.jsonl", bytes.toByteArray()));
    var readings = Readings.of(source, new LimitSettings(1024, 1 << 20));
    assertThat(readings.counts())
        .isEqualTo(
            Map.of(
                "kept",
                2,
                "invalid-json",
                1,
                "no-text-field",
                2,
                "no-text",
                1,
                "invalid-encoding",
                1,
                "too-long",
                1));
    assertThat(readings.texts()).containsExactly("kept", "last");
    assertThat(readings.documents().get(0).id()).isEqualTo("other/a.jsonl#0000000000");
    var sliced = Readings.of(source, new LimitSettings(1024, 1024));
    assertThat(sliced.all()).containsExactlyInAnyOrderElementsOf(readings.all());
  }

  @Test
  void aPageThatUnfoldsOrFetchesEntitiesIsMalformed() throws IOException {
    var dump =
        """
        <!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>
        <mediawiki><page><title>Bomb</title><ns>0</ns><id>1</id><revision><text>&b; &f;</text></revision></page>
        <page><title>Whole</title><ns>0</ns><id>2</id><revision><text>Fish &amp; chips.</text></revision></page>
        </mediawiki>
        """;
    var readings = Readings.of(Corpus.WIKIPEDIA, write("a.xml", dump.getBytes(UTF_8)));
    assertThat(readings.counts()).isEqualTo(Map.of("malformed-xml", 1, "kept", 1));
    assertThat(readings.texts()).containsExactly("Fish & chips.");
  }

  @Test
  void namesInAnArchiveAreOnlyNames() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      member(tar, new TarArchiveEntry("../../outside.txt", true), "text");
      var link = new TarArchiveEntry("link.txt", TarConstants.LF_SYMLINK);
      link.setLinkName("/etc/passwd");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
      member(tar, new TarArchiveEntry("long.txt"), "x".repeat(5000));
    }
    var source = SourceSettings.of(Corpus.OPENWEBTEXT, write("a.tar", bytes.toByteArray()));
    var readings = Readings.of(source, new LimitSettings(1024, 1 << 20));
    assertThat(readings.counts()).isEqualTo(Map.of("kept", 1, "not-a-file", 1, "too-long", 1));
    assertThat(readings.documents().get(0).id()).isEqualTo("openwebtext/a.tar#../../outside.txt");
  }

  private static void member(TarArchiveOutputStream tar, TarArchiveEntry entry, String text)
      throws IOException {
    entry.setSize(text.length());
    tar.putArchiveEntry(entry);
    tar.write(text.getBytes(UTF_8));
    tar.closeArchiveEntry();
  }

  @Test
  void moreThanAMegabyteOfZerosInAFewBytesStaysBounded() throws IOException {
    var file = write("a.txt.bz2", bzip2(new byte[50 << 20]));
    var source = SourceSettings.of(Corpus.OTHER, file);
    assertThat(Readings.of(source, new LimitSettings(1 << 20, 1 << 20)).counts())
        .isEqualTo(Map.of("too-long", 1));
  }

  @Test
  void aBombEndsInAnErrorThatSaysSo() throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var zstd = new ZstdOutputStream(packed)) {
      for (var i = 0; i < 300; i++) {
        zstd.write(new byte[1 << 20]);
      }
    }
    var file = write("a.txt.zst", packed.toByteArray());
    assertThat(Readings.of(Corpus.OTHER, file).problems())
        .containsExactly(
            file
                + " is no text: it unpacks to more than 268435456 bytes, 2000 times its size"
                + REMEDY);
  }

  /** Hadoop keeps sums of a file beside it, and reads nothing that does not fit them. */
  @Test
  void aFileThatDoesNotFitTheSumsBesideItIsNamed() throws IOException {
    var file = write("a.txt", "Some text.".getBytes(UTF_8));
    write(".a.txt.crc", new byte[] {'c', 'r', 'c', 0, 0, 0, 2, 0, 1, 2, 3, 4});
    assertThat(Readings.of(Corpus.OTHER, file).problems())
        .containsExactly(
            file
                + " does not fit the checksums beside it in .a.txt.crc: it was changed or damaged"
                + REMEDY);
  }

  @Test
  void aZipArchiveIsNamed() throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(packed)) {
      zip.putNextEntry(new ZipEntry("../a.txt"));
      zip.write("text".getBytes(UTF_8));
    }
    var file = write("1342-0.zip", packed.toByteArray());
    assertThat(Readings.of(Corpus.GUTENBERG, file).problems())
        .containsExactly(file + " is a zip archive, which is not read: unpack it" + SKIP);
  }

  /** JSON libraries stop at texts of 20 MB; ours ends where the settings say. */
  @Test
  void aLineOfManyMegabytesIsReadUpToTheLimitAndCountedAboveIt() throws IOException {
    var line = "{\"text\": \"" + "many words ".repeat(2_000_000) + "\"}\n";
    var file = write("a.jsonl", (line + "{\"text\": \"short\"}\n").getBytes(UTF_8));
    assertThat(Readings.of(Corpus.OTHER, file).counts()).isEqualTo(Map.of("kept", 2));
    var source = SourceSettings.of(Corpus.OTHER, file);
    assertThat(Readings.of(source, new LimitSettings(1 << 20, 1 << 30)).counts())
        .isEqualTo(Map.of("kept", 1, "too-long", 1));
  }

  @Test
  void anItemOfAnArrayThatIsTooLongIsCountedAsThat() throws IOException {
    var endless = "{\"instruction\": \"Say.\", \"output\": \"" + "yes ".repeat(500) + "\"}";
    var good = "{\"instruction\": \"Say.\", \"output\": \"Yes.\"}";
    var file = write("a.json", ("[" + endless + ", " + good + "]").getBytes(UTF_8));
    var source = SourceSettings.of(Corpus.ALPACA, file);
    assertThat(Readings.of(source, new LimitSettings(1024, 1 << 20)).counts())
        .isEqualTo(Map.of("kept", 1, "too-long", 1));
  }

  @Test
  void anItemOfAnArrayThatNestsWithoutEndIsNamedForThat() throws IOException {
    var nested = "[".repeat(101) + "]".repeat(101);
    var source = SourceSettings.of(Corpus.ALPACA, write("a.json", nested.getBytes(UTF_8)));
    assertThat(Readings.of(source, new LimitSettings(1024, 1 << 20)).problems().get(0))
        .contains("a.json has an item that is longer than limits.recordBytes (1024) or too deeply");
  }

  @Test
  void ofABookInSeveralEncodingsOneIsRead() throws IOException {
    for (var name :
        List.of(
            "a/44157-0.txt",
            "b/44157-8.txt",
            "44157.txt",
            "pg12.txt",
            "12-8.txt",
            "13.txt",
            "notes.txt")) {
      Files.createDirectories(folder.resolve(name).getParent());
      write(name, "A book.".getBytes(UTF_8));
    }
    var readings = Readings.of(Corpus.GUTENBERG, folder);
    assertThat(readings.documents().stream().map(Document::file))
        .containsExactly("13.txt", "a/44157-0.txt", "notes.txt", "pg12.txt");
    assertThat(readings.counts()).isEqualTo(Map.of("kept", 4, "other-encoding", 3));
    var dropped = (Dropped) readings.all().get(0);
    assertThat(dropped.excerpt()).startsWith("the same book as ");
  }

  private static byte[] lines(int count) {
    var random = new Random(1);
    var text = new StringBuilder();
    for (var i = 0; i < count; i++) {
      text.append("{\"text\": \"").append(words(random)).append("\"}\n");
    }
    return text.toString().getBytes(UTF_8);
  }

  private static String words(Random random) {
    var text = new StringBuilder();
    for (var i = 0; i < 60; i++) {
      text.append(Long.toString(random.nextLong() >>> 1, 36)).append(' ');
    }
    return text.toString();
  }

  private static String dump(int pages) {
    var random = new Random(2);
    var text = new StringBuilder("<mediawiki>\n");
    for (var i = 0; i < pages; i++) {
      text.append("<page><title>T</title><ns>0</ns><id>").append(i);
      text.append("</id><revision><text>").append(words(random));
      text.append("</text></revision></page>\n");
    }
    return text.append("</mediawiki>\n").toString();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(packed)) {
      gzip.write(bytes);
    }
    return packed.toByteArray();
  }

  private static byte[] bzip2(byte[] bytes) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var bzip2 = new BZip2CompressorOutputStream(packed, 1)) {
      bzip2.write(bytes);
    }
    return packed.toByteArray();
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }
}
