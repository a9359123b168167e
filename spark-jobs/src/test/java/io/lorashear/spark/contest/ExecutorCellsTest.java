package io.lorashear.spark.contest;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.lorashear.contest.Cell;
import io.lorashear.contest.CellWork;
import io.lorashear.contest.Contest;
import io.lorashear.contest.ContestFile;
import io.lorashear.corpus.SmallCorpus;
import io.lorashear.device.Place;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.Progress;
import io.lorashear.settings.Overrides;
import io.lorashear.spark.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("reference")
class ExecutorCellsTest {
  private static final String SETTINGS =
      """
      model: %1$s
      corpus: %2$s/corpus
      work: %2$s/here
      against: magnitude
      methods: {magnitude: [method=magnitude], random: [method=random]}
      ratios: [0.1, 0.97]
      recovery: none
      heldOutRows: 4
      prune: {rows: 2}
      evaluate: {tasks: [], choices: {stories: %2$s/stories.jsonl}}
      """;

  @TempDir Path folder;

  @Test
  void executorsFindTheFiguresOfOneProcessAndTellWhatTheyRefuse() throws IOException {
    SmallCorpus.write(folder.resolve("corpus"));
    Files.writeString(
        folder.resolve("stories.jsonl"),
        "{\"id\": \"1\", \"context\": \"Once upon a\", \"choices\": [\"time\", \"car\"],"
            + " \"answer\": 0}\n");
    var yaml =
        Files.writeString(
            folder.resolve("contest.yaml"),
            SETTINGS.formatted(ReferenceData.path("reference/stories260K-hf"), folder));
    var cells = Contest.first(new ContestFile(yaml, Overrides.none()).load());
    var told = new ArrayList<String>();
    var refusedHere = Contest.here(work(yaml, List.of()), told::add).run(cells);

    var there = List.of("work=" + folder.resolve("there"));
    var refused =
        new ExecutorCells(yaml, there, false, false, Place.CPU)
            .run(LocalSpark.session(), cells, told::add);
    assertThat(refused).isEqualTo(refusedHere);
    assertThat(refused.keySet())
        .containsExactly(new Cell("magnitude", 0.97, 1), new Cell("random", 0.97, 1));
    for (var cell : cells) {
      if (!refused.containsKey(cell)) {
        var one = work(yaml, List.of()).done(cell).orElseThrow();
        var other = work(yaml, there).done(cell).orElseThrow();
        assertThat(other).usingRecursiveComparison().ignoringFields("cost").isEqualTo(one);
        assertThat(told).anyMatch(line -> line.startsWith(cell.name()));
      }
    }
  }

  private static CellWork work(Path yaml, List<String> overrides) {
    var file = new ContestFile(yaml, Overrides.given(overrides));
    return new CellWork(file, file.load(), false, Device.cpu(), Progress.silent());
  }
}
