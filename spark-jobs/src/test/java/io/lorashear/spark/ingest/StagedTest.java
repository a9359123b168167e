package io.lorashear.spark.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.spark.ingest.Staged.Broken;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class StagedTest {

  @Test
  void notesOfBatchesAddUpAndAFilesProblemIsKeptOnce() {
    var cut = new Broken("books", "b \"quoted\"/ü.gz", "ends in the middle of its gzip data");
    var other = new Broken("books", "a.gz", "has damaged gzip data");
    var notes =
        List.of(
            new Staged(3, 1000, new TreeSet<>(List.of(cut))).note(),
            new Staged(0, 0, new TreeSet<>()).note(),
            new Staged(4, 5_000_000_000L, new TreeSet<>(List.of(cut, other))).note());
    var all = Staged.of(notes);
    assertThat(all.documents()).isEqualTo(7);
    assertThat(all.bytes()).isEqualTo(5_000_001_000L);
    assertThat(all.broken()).containsExactly(other, cut);
  }
}
