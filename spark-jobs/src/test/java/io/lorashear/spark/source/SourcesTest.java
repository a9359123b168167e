package io.lorashear.spark.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.source.record.Compression;
import io.lorashear.spark.source.record.Layout;
import io.lorashear.spark.source.text.TextEncoding;
import io.lorashear.spark.source.wikitext.Namespaces;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class SourcesTest {
  private static final LimitSettings LIMITS = new LimitSettings(1 << 20, 8 << 20);

  private static InputFile file(String name, long size) {
    return new InputFile(
        "other",
        name,
        "file:/" + name,
        size,
        Format.JSON_LINES,
        Compression.NONE,
        Layout.USUAL,
        TextEncoding.PLAIN,
        Namespaces.ENGLISH,
        new ReadOptions("text", "", 1, Long.MAX_VALUE, 1 << 20, 0));
  }

  private static List<Batch> batches(List<InputFile> files, List<Dropped> dropped) {
    var inputs = new Inputs(files, List.of(), dropped, List.of(), List.of(), List.of());
    return Sources.batches(new Configuration(false), inputs, LIMITS);
  }

  private static List<InputFile> files(int count, long size) {
    return IntStream.range(0, count).mapToObj(i -> file("f%06d".formatted(i), size)).toList();
  }

  /** The names of what the batches read, with where each slice begins. */
  private static List<String> read(List<Batch> batches) {
    var read = new ArrayList<String>();
    for (var batch : batches) {
      batch.slices().forEach(slice -> read.add(slice.file().name() + "@" + slice.start()));
    }
    return read;
  }

  @Test
  void smallFilesAreReadTogetherUpToFourMegabytesOrAThousand() {
    var batches = batches(files(5000, 3000), List.of());
    assertThat(batches).hasSize(5).allMatch(batch -> batch.slices().size() == 1000);
    var larger = batches(files(50, 1 << 20), List.of());
    assertThat(larger).hasSize(13).allMatch(batch -> batch.bytes() <= 4 << 20);
  }

  @Test
  void largeFilesAreSlicedAndEveryByteIsReadOnce() {
    var files = List.of(file("a", 10), file("b", 20 << 20), file("c", 1), file("d", 2));
    var batches = batches(files, List.of());
    assertThat(read(batches))
        .containsExactly("a@0", "b@0", "b@6990506", "b@13981013", "c@0", "d@0");
    assertThat(batches.stream().mapToLong(Batch::bytes).sum()).isEqualTo((20 << 20) + 13);
    assertThat(batches).extracting(batch -> batch.slices().size()).containsExactly(1, 1, 1, 1, 2);
  }

  @Test
  void moreThanTenThousandTasksAreLaidTogether() {
    var files = files(25_000, 3 << 20);
    var batches = batches(files, List.of());
    assertThat(batches)
        .hasSize(10_000)
        .extracting(Batch::number)
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(read(batches)).hasSize(25_000).isSorted();
    assertThat(batches).allMatch(batch -> batch.slices().size() <= 3);
  }

  @Test
  void whatIsKnownBeforehandIsABatchOfItsOwn() {
    var dropped = Dropped.at(new Place("other", "x", ""), DropReason.OTHER_ENCODING, "");
    var batches = batches(files(2, 5), List.of(dropped));
    assertThat(batches).hasSize(2);
    assertThat(batches.get(1)).isEqualTo(new Batch(1, List.of(), List.of(dropped)));
  }

  @Test
  void manyFilesAreHashedByFewerTasks() {
    assertThat(IntStream.of(0, 1, 150, 5000, 200_000).map(files -> Inputs.hashingTasks(files, 2)))
        .containsExactly(1, 1, 8, 25, 1000);
  }
}
