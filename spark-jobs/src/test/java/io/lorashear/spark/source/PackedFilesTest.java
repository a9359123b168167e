package io.lorashear.spark.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as they are packed: several members, long windows, what is packed twice. */
class PackedFilesTest {
  private static final String ONE = "{\"text\": \"one\"}\n";
  private static final String TWO = "{\"text\": \"two\"}\n";

  @TempDir Path folder;

  private interface Packer {
    OutputStream over(OutputStream bytes) throws IOException;
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "bz2", "xz", "zst", "lz4"})
  void membersOfAFileAreReadToItsEnd(String ending) throws IOException {
    var members = new ByteArrayOutputStream();
    members.writeBytes(packed(packer(ending), ONE.getBytes(UTF_8)));
    members.writeBytes(packed(packer(ending), TWO.getBytes(UTF_8)));
    var file = write("a.jsonl." + ending, members.toByteArray());
    assertThat(Readings.of(Corpus.OTHER, file).texts()).containsExactly("one", "two");
    var unnamed = write("a", members.toByteArray());
    assertThat(Readings.of(Corpus.OTHER, unnamed).texts()).containsExactly("one", "two");
  }

  private static Packer packer(String ending) {
    return switch (ending) {
      case "gz" -> GZIPOutputStream::new;
      case "bz2" -> BZip2CompressorOutputStream::new;
      case "xz" -> XZCompressorOutputStream::new;
      case "lz4" -> FramedLZ4CompressorOutputStream::new;
      default -> ZstdOutputStream::new;
    };
  }

  /** What {@code zstd --long=31} writes of a pipe: a window of two gigabytes, whatever is in it. */
  @Test
  void aLongWindowIsReadWhereLittleFillsIt() throws IOException {
    var file = write("a.jsonl.zst", window(31, (ONE + TWO)));
    assertThat(Readings.of(Corpus.OTHER, file).texts()).containsExactly("one", "two");
  }

  @Test
  void aLongWindowThatFillsMoreMemoryThanAllowedIsNamed() throws IOException {
    var random = new Random(7);
    var lines = new StringBuilder();
    while (lines.length() < 3 << 20) {
      lines.append("{\"text\": \"").append(random.nextLong()).append("\"}\n");
    }
    var file = write("a.jsonl.zst", window(30, lines.toString()));
    var source = SourceSettings.of(Corpus.OTHER, file);
    var readings = Readings.of(source, new LimitSettings(1 << 20, 1 << 20, 1 << 20));
    assertThat(readings.problems())
        .containsExactly(
            file
                + " needs a window of 1 GiB to be unpacked, and limits.windowBytes allows 1048576:"
                + " set it higher, which every task may then take beyond the heap, or compress the"
                + " file again with zstd --long=27, or set badFiles: skip to leave it out");
    assertThat(Readings.of(source, LimitSettings.USUAL).problems()).isEmpty();
  }

  @Test
  void aLongWindowBehindAShortOneIsNamedToo() throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(packed(ZstdOutputStream::new, ONE.getBytes(UTF_8)));
    bytes.writeBytes(window(31, TWO));
    var file = write("a.jsonl.zst", bytes.toByteArray());
    var readings = Readings.of(Corpus.OTHER, file);
    assertThat(readings.texts()).containsExactly("one");
    assertThat(readings.problems().get(0))
        .startsWith(
            file
                + " needs a longer window to be unpacked farther in, and limits.windowBytes allows"
                + " 134217728: set it higher");
  }

  /** pzstd and seekable files begin with, or hold, frames that decoders pass over. */
  @Test
  void skippableFramesArePassedOver() throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4});
    bytes.writeBytes(packed(ZstdOutputStream::new, ONE.getBytes(UTF_8)));
    bytes.writeBytes(new byte[] {0x5e, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9});
    bytes.writeBytes(packed(ZstdOutputStream::new, TWO.getBytes(UTF_8)));
    var file = write("a.jsonl.zst", bytes.toByteArray());
    assertThat(Readings.of(Corpus.OTHER, file).texts()).containsExactly("one", "two");
  }

  @Test
  void whatIsPackedTwiceOrPackedAlreadyIsNamed() throws IOException {
    var twice =
        write("a.gz", packed(GZIPOutputStream::new, packed(packer("bz2"), ONE.getBytes(UTF_8))));
    assertThat(Readings.of(Corpus.OTHER, twice).problems().get(0))
        .startsWith(twice + " holds bzip2 data inside its gzip data: unpack it once, or set");
    var rows = write("b.parquet.gz", packed(GZIPOutputStream::new, "PAR1....PAR1".getBytes(UTF_8)));
    assertThat(Readings.of(Corpus.OTHER, rows).problems().get(0))
        .startsWith(rows + " is a Parquet file inside gzip data: unpack it, or set badFiles");
    var pdf = write("c.txt.gz", packed(GZIPOutputStream::new, "%PDF-1.5 ....".getBytes(UTF_8)));
    assertThat(Readings.of(Corpus.OTHER, pdf).problems().get(0)).startsWith(pdf + " is a PDF: ");
  }

  /** A frame whose header says a longer window than it needs (RFC 8878, 3.1.1.1.2). */
  private static byte[] window(int logarithm, String text) throws IOException {
    var bytes = packed(ZstdOutputStream::new, text.getBytes(UTF_8));
    assertThat(bytes[4] & 0x20).as("a header with a window").isZero();
    bytes[5] = (byte) (logarithm - 10 << 3);
    return bytes;
  }

  private static byte[] packed(Packer packer, byte[] bytes) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var stream = packer.over(packed)) {
      stream.write(bytes);
    }
    return packed.toByteArray();
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }
}
