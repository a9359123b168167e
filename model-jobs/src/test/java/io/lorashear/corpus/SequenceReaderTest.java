package io.lorashear.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.fetch.FileCopies;
import io.lorashear.fetch.ZipStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequenceReaderTest {

  private static final String FIRST = "sequences/source=wikipedia/split=train/part-00000.parquet";

  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void corpus() throws IOException {
    folder = SmallCorpus.write(temporary.resolve("corpus"));
  }

  @Test
  void readsEveryRowOfASplitInTheOrderOfItsIds() {
    var rows = all(SequenceReader.open(folder).read("wikipedia", Sequence.TRAIN));
    assertThat(rows).hasSize(20).isSortedAccordingTo(Comparator.comparing(Sequence::id));
    var row = rows.get(13);
    assertThat(row.id()).isEqualTo("wikipedia/train/00001/0000003");
    assertThat(row.source()).isEqualTo("wikipedia");
    assertThat(row.split()).isEqualTo("train");
    assertThat(row.inputIds()).containsExactly(103, 104, 105, 0);
    assertThat(row.lossMask()).containsExactly(1, 1, 1, 0);
    assertThat(row.tokens()).isEqualTo(3);
    assertThat(row.documents())
        .containsExactly(new Sequence.Document("a#3", 0), new Sequence.Document("b", 2));
  }

  @Test
  void readsDrawnRowsOfAllSourcesInTrainingOrderFromAnyPlaceOn() {
    var ids =
        IntStream.range(0, 20)
            .mapToObj(
                i ->
                    "%s/train/%05d/%07d"
                        .formatted(i % 3 == 0 ? "alpaca" : "wikipedia", i % 2, (7 * i) % 10))
            .distinct()
            .toList();
    var reader = SequenceReader.open(folder);
    assertThat(all(reader.drawn(subset(ids), 0))).extracting(Sequence::id).isEqualTo(ids);
    assertThat(all(reader.drawn(subset(ids), 5)))
        .extracting(Sequence::id)
        .isEqualTo(ids.subList(5, ids.size()));
    assertThat(all(reader.drawn(subset(ids), ids.size()))).isEmpty();
  }

  @Test
  void aSampleIsTheRowsOfTheSmallestKeys() {
    var reader = SequenceReader.open(folder);
    var everything = all(reader.read("alpaca", Sequence.TRAIN)).stream().map(Sequence::id).toList();
    var expected =
        everything.stream()
            .sorted(Comparator.comparing(id -> DrawKey.of(7, 0, id)))
            .limit(6)
            .sorted()
            .toList();
    assertThat(all(reader.sample("alpaca", Sequence.TRAIN, 6, 7)))
        .extracting(Sequence::id)
        .isEqualTo(expected);
    assertThat(all(reader.sample("alpaca", Sequence.TRAIN, 100, 7))).hasSize(20);
  }

  /** Copies of two shards at a time are all that there is room for. */
  @Test
  void aCorpusInAStoreHasTheSameRows() throws IOException {
    try (var store = ZipStore.at(temporary.resolve("store.zip"))) {
      var there = store.put(folder);
      long two = 2 * Files.size(folder.resolve(FIRST)) + 100;
      var copies = FileCopies.in(temporary.resolve("copies"), two);
      var near = SequenceReader.open(folder);
      var far = SequenceReader.open(there, copies);
      assertThat(far.hash()).isEqualTo(near.hash());
      assertThat(texts(far.read("wikipedia", Sequence.TRAIN)))
          .isEqualTo(texts(near.read("wikipedia", Sequence.TRAIN)));
      assertThat(texts(far.sample("alpaca", Sequence.TRAIN, 6, 7)))
          .isEqualTo(texts(near.sample("alpaca", Sequence.TRAIN, 6, 7)));
      var ids = List.of("wikipedia/train/00001/0000003", "alpaca/train/00000/0000009");
      var twice = List.of(ids.get(0), ids.get(1), ids.get(0));
      assertThat(texts(far.drawn(subset(twice), 0))).isEqualTo(texts(near.drawn(subset(twice), 0)));
      assertThat(TokenFrequencies.counted(far).counts())
          .usingRecursiveComparison()
          .isEqualTo(TokenFrequencies.counted(near).counts());
      try (var files = Files.list(temporary.resolve("copies"))) {
        assertThat(files.filter(file -> !file.toString().endsWith("lock"))).hasSize(2);
      }
    }
  }

  private static List<String> texts(SequenceStream stream) {
    return all(stream).stream()
        .map(row -> row.id() + Arrays.toString(row.inputIds()) + row.source() + row.documents())
        .toList();
  }

  @Test
  void aRowThatIsNotInTheCorpusIsRefused() {
    var stream =
        SequenceReader.open(folder)
            .drawn(subset(List.of("wikipedia/train/00000/0000001", "wikipedia/train/00000/9")), 0);
    assertThatThrownBy(() -> all(stream))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "2 rows were to be read from %s, but only 1 are there:"
                + " the subset belongs to another corpus, or the corpus was changed",
            folder.resolve(FIRST));
  }

  @Test
  void aTruncatedShardIsRefused() throws IOException {
    var file = folder.resolve(FIRST);
    var bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, 100));
    assertThatThrownBy(() -> SequenceReader.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s has 100 bytes, but its manifest says %d bytes: run tokenize again",
            file, bytes.length);
  }

  @Test
  void aShardWithOneBitChangedIsRefused() throws IOException {
    var file = folder.resolve(FIRST);
    var bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    var reader = SequenceReader.open(folder);
    assertThat(all(reader.read("alpaca", Sequence.TRAIN))).hasSize(20);
    assertThatThrownBy(() -> reader.read("wikipedia", Sequence.TRAIN))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s was changed after it was published (its SHA-256 is not the manifest's): run"
                + " tokenize again",
            file);
  }

  @Test
  void aFileTheManifestDoesNotNameIsRefused() throws IOException {
    var stranger = folder.resolve("sequences/source=wikipedia/split=train/part-00009.parquet");
    Files.copy(folder.resolve(FIRST), stranger);
    assertThatThrownBy(() -> SequenceReader.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s is not named by the manifest of its corpus: remove the file, or tokenize the corpus"
                + " again",
            stranger);
  }

  @Test
  void aMissingShardIsRefused() throws IOException {
    long size = Files.size(folder.resolve(FIRST));
    Files.delete(folder.resolve(FIRST));
    assertThatThrownBy(() -> SequenceReader.open(folder))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s is missing, but its manifest says %d bytes: run tokenize again",
            folder.resolve(FIRST), size);
  }

  @Test
  void aSourceThatIsNotThereIsNamedWithThoseThatAre() {
    assertThatThrownBy(() -> SequenceReader.open(folder).read("gutenberg", Sequence.TRAIN))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "the corpus has no train rows of source gutenberg: its sources are alpaca, wikipedia");
  }

  private static List<Sequence> all(SequenceStream stream) {
    try (stream) {
      List<Sequence> rows = new ArrayList<>();
      stream.forEachRemaining(rows::add);
      return rows;
    }
  }

  private static SubsetManifest subset(List<String> ids) {
    var drawn =
        ids.stream()
            .map(
                id -> {
                  var parts = id.split("/", -1);
                  var shard =
                      "sequences/source=%s/split=%s/part-%s.parquet"
                          .formatted(parts[0], parts[1], parts[2]);
                  return new SubsetManifest.Drawn(id, shard, Long.parseLong(parts[3]), parts[0]);
                })
            .toList();
    return new SubsetManifest("corpus", "train", 0, 0, 80, "uniform", List.of(), drawn);
  }
}
