package io.lorashear.spark.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file read in slices says what it says in one piece, under the same numbers. */
class SliceTest {
  private static final LimitSettings WHOLE = new LimitSettings(1 << 20, 1 << 30);

  @TempDir Path folder;

  @Test
  void runsOfLinesAreTheSameInSlicesOfAnySize() throws IOException {
    var random = new Random(5);
    for (var round = 0; round < 40; round++) {
      var file = write("books_large_p1.txt", sentences(random, 20 + random.nextInt(3000)));
      var source = sentences(file, 1 + random.nextInt(30));
      var whole = Readings.of(source, WHOLE).all();
      var limits = new LimitSettings(1 << 20, 1024 + random.nextInt(5000));
      assertThat(Readings.of(source, limits).all()).containsExactlyElementsOf(whole);
    }
  }

  @Test
  void aLargeFileOfLinesIsReadByManyTasksEachFromTheBeginOfARun() throws IOException {
    var file = write("books_large_p1.txt", "One sentence of some.\n".repeat(1000).getBytes());
    var slices = slices(sentences(file, 7), new LimitSettings(1 << 20, 1024));
    assertThat(slices).hasSizeGreaterThan(15);
    for (var slice : slices) {
      assertThat(slice.line() % 7).isEqualTo(1);
      assertThat(slice.start()).isEqualTo((slice.line() - 1) * 22);
    }
  }

  @Test
  void whereARunMayBeCutShortTheFileStaysWhole() throws IOException {
    var line = "a word and ".repeat(50) + "the end\n";
    var file = write("books_large_p1.txt", line.repeat(40).getBytes());
    var limits = new LimitSettings(1024, 2048);
    assertThat(slices(sentences(file, 3), limits)).hasSize(1);
    assertThat(slices(sentences(file, 1), limits)).hasSizeGreaterThan(5);
  }

  @Test
  void instructionsAreTheSameInSlicesOfAnySize() throws IOException {
    var random = new Random(6);
    var lines = new StringBuilder();
    for (var i = 0; i < 300; i++) {
      var answer = "so ".repeat(random.nextInt(40));
      lines.append(
          "{\"instruction\": \"Say %d\", \"output\": \"%sé %d\"}%n".formatted(i, answer, i));
    }
    var file = write("a.jsonl", lines.toString().getBytes(StandardCharsets.UTF_8));
    var source = SourceSettings.of(Corpus.ALPACA, file);
    var whole = Readings.of(source, WHOLE).all();
    assertThat(whole).hasSize(300);
    for (var bytes : List.of(1024, 1500, 5000)) {
      var limits = new LimitSettings(1 << 20, bytes);
      assertThat(slices(source, limits)).hasSizeGreaterThan(3);
      assertThat(Readings.of(source, limits).all()).containsExactlyElementsOf(whole);
    }
  }

  /** Short lines, empty ones, long ones, and bytes that are no text. */
  private static byte[] sentences(Random random, int lines) {
    var bytes = new ByteArrayOutputStream();
    for (var i = 0; i < lines; i++) {
      var line = "it was \u00e9 ".repeat(random.nextInt(random.nextInt(20) == 0 ? 300 : 4));
      bytes.writeBytes((i < 20 ? "A sentence." : line).getBytes(StandardCharsets.UTF_8));
      if (random.nextInt(50) == 0) {
        bytes.write(0xff);
      }
      if (i < lines - 1 || random.nextBoolean()) {
        bytes.write('\n');
      }
    }
    return bytes.toByteArray();
  }

  private static List<Slice> slices(SourceSettings source, LimitSettings limits) {
    var configuration = new Configuration(false);
    configuration.set("fs.file.impl", "org.apache.hadoop.fs.LocalFileSystem");
    return Sources.batches(
            configuration, Inputs.find(configuration, List.of(source), limits), limits)
        .stream()
        .flatMap(batch -> batch.slices().stream())
        .toList();
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private static SourceSettings sentences(Path file, int lines) {
    return new SourceSettings(
        Corpus.BOOKCORPUS,
        Optional.empty(),
        List.of(file),
        Format.SENTENCES,
        "text",
        Optional.empty(),
        lines,
        Optional.empty(),
        Optional.empty());
  }
}
