package io.lorashear.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.checkpoint.OutputType;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.checkpoint.adapter.PeftAdapter;
import io.lorashear.corpus.Sequence;
import io.lorashear.family.Family;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.LearningRate;
import io.lorashear.run.Progress;
import io.lorashear.train.LearnSettings;
import io.lorashear.train.TrainSettings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The published adapter is what a round changed. */
class RoundAdapterTest {
  @TempDir Path folder;

  private RecoverSettings settings(LoraSettings lora) {
    return new RecoverSettings(
        folder,
        folder,
        Optional.empty(),
        folder,
        RecoverSettings.Kind.PRETRAIN,
        4,
        List.of(),
        2,
        1,
        2,
        0,
        1,
        OutputType.KEEP,
        Optional.empty(),
        LearnSettings.PAIRS,
        lora,
        new TrainSettings(0.02, LearningRate.Shape.COSINE, 0, 1, 2, 1, 0),
        AdamSettings.USUAL,
        DistillationSettings.NONE);
  }

  private static Sequence row(int start) {
    var ids = IntStream.range(start, start + 12).map(i -> i % 5).toArray();
    var mask = new byte[12];
    Arrays.fill(mask, (byte) 1);
    return new Sequence("wikipedia", Sequence.TRAIN, "row-" + start, ids, mask);
  }

  @Test
  void modelBeforePlusAdapterIsTheModelAfter() {
    var config = SmallModels.uneven();
    var before = SmallModels.weights(config, 9);
    var rows = IntStream.range(0, 4).mapToObj(RoundAdapterTest::row).toList();
    var adapter = folder.resolve("adapter");
    try (var round =
        new Round(
            Family.of(config).trace(config),
            before,
            64,
            settings(new LoraSettings(2, 6, List.of("q_proj", "down_proj"))),
            Device.cpu())) {
      round.run(rows, List.of(row(4)), null, folder.resolve("scratch"), Progress.silent());
      round.writeAdapter(folder.resolve("scratch"), adapter, "pruned");
      try (var read = PeftAdapter.open(adapter);
          var after = round.tensors()) {
        assertThat(read.pairs()).hasSize(4).allMatch(pair -> pair.scale() == 3);
        double moved = 0;
        for (var pair : read.pairs()) {
          var a = read.tensors().floats(pair.a()); // (rank, in)
          var b = read.tensors().floats(pair.b()); // (out, rank)
          var old = before.floats(pair.weight()); // (out, in)
          var merged = after.floats(pair.weight()); // (out, in)
          int in = a.length / 2;
          for (int i = 0; i < old.length; i++) {
            double change = 0;
            for (int r = 0; r < 2; r++) {
              change += 3.0 * b[i / in * 2 + r] * a[r * in + i % in];
            }
            moved = Math.max(moved, Math.abs(change));
            assertThat((double) merged[i]).isCloseTo(old[i] + change, within(1e-6));
          }
        }
        assertThat(moved).isGreaterThan(1e-3);
      }
    }
  }

  /** A second round that starts from the first's adapter begins where the first ended. */
  @Test
  void aRoundGoesOnFromAnAdapter() {
    var config = SmallModels.uneven();
    var graph = Family.of(config).trace(config);
    var before = SmallModels.weights(config, 9);
    var rows = IntStream.range(0, 4).mapToObj(RoundAdapterTest::row).toList();
    var heldOut = List.of(row(4));
    var adapter = folder.resolve("adapter");
    var fresh = settings(new LoraSettings(2, 6, List.of("q_proj", "down_proj")));
    RoundResult first;
    try (var round = new Round(graph, before, 64, fresh, Device.cpu())) {
      first = round.run(rows, heldOut, null, folder.resolve("first"), Progress.silent());
      round.writeAdapter(folder.resolve("first"), adapter, "pruned");
    }
    var on = settings(new LoraSettings(8, 16, List.of(), Optional.of(adapter)));
    try (var round = new Round(graph, before, 64, on, Device.cpu())) {
      var second = round.run(rows, heldOut, null, folder.resolve("second"), Progress.silent());
      assertThat(first.best().mean()).isLessThan(first.before().mean() - 1e-4);
      assertThat(second.before().mean()).isCloseTo(first.best().mean(), within(1e-5));
      assertThat(second.best().mean()).isLessThanOrEqualTo(second.before().mean());
      round.writeAdapter(folder.resolve("second"), folder.resolve("again"), "pruned");
    }
    try (var again = PeftAdapter.open(folder.resolve("again"))) {
      assertThat(again.pairs()).hasSize(4).allMatch(pair -> pair.rank() == 2);
    }
  }
}
