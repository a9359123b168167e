package io.lorashear.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.method.PruneSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.settings.Settings;
import io.lorashear.torch.Originals;
import io.lorashear.torch.PrecisionChoice;
import io.lorashear.torch.compile.Chunk;
import io.lorashear.train.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Against numbers counted by hand. */
class StageTimeTest {
  private static final int LENGTH = 16;
  private static final Accelerator DEVICE = new Accelerator("one", 1, 1e6, 1e9, 1e5);

  private static PlannedWork planned(int length) {
    return new PlannedWork(length, 1, OptionalLong.empty());
  }

  private static ModelGraph llama() {
    var here = Path.of("conf/pipeline/llama-7b.config.json");
    var file = Files.exists(here) ? here : Path.of("..").resolve(here);
    var config = ModelConfig.parse(JsonFile.read(file), file.toString());
    return Family.of(config).trace(config);
  }

  private static <T extends Record> T settings(Class<T> type, String... more) {
    var all = new ArrayList<>(List.of("checkpoint=m", "corpus=c", "output=o"));
    all.addAll(List.of(more));
    return Settings.defaults(type, all);
  }

  @Test
  void scoringIsItsProductsItsBytesItsLaunchesAndItsFiles() {
    var graph = TinyModel.graph();
    long tokens = 2 * Chunk.GPU.tokens(); // two batches
    var time =
        StageTime.of(
            planned(LENGTH).evaluate(graph, tokens, PrecisionChoice.AUTO), DEVICE, 0.5, 3e9);
    double layers = 2 * (16 * 16 + 8 * 16 + 8 * 16 + 16 * 16 + 3 * 12 * 16);
    double head = 24 * 16 * 15 / 16.0; // the last of a row predicts nothing
    double attention = 2 * 4 * LENGTH * 16; // q kᵀ and its product with v
    assertThat(time.products())
        .isCloseTo(tokens * (2 * (layers + head) + attention) / 0.5e9, within(1e-9)); // bfloat16
    assertThat(time.launches()).isCloseTo(2 * 4 * graph.nodes().size() * 5e-6, within(1e-12));
    assertThat(time.files()).isEqualTo(3);
    assertThat(time.link()).isZero();
    assertThat(time.memory()).isGreaterThan(2 * 2 * graph.parameterCount() / 0.5e5);
    assertThat(time.seconds())
        .isCloseTo(time.products() + time.memory() + time.launches() + time.files(), within(1e-9));
  }

  @Test
  void aStateHasThePairsAndWhatTheyChanged() {
    var graph = llama();
    var recovery = settings(RecoverSettings.class, "lora.rank=8");
    double pairs = 8 * 32 * (4 * 2 * 4096.0 + 3 * (4096 + 11008));
    assertThat(planned(512).recover(graph, recovery).stateBytes()).isEqualTo(3 * 4 * pairs);
    var paper = settings(PruneSettings.class, "lora.rank=8", "ratio=0.2", "lhspg.periods=10");
    double rows = 0.2 * graph.parameterCount() / 10;
    assertThat(planned(512).prune(graph, paper).stateBytes())
        .isCloseTo(4 * ((3 + 10) * pairs + rows), within(1.0))
        .isLessThan(2e9); // all weights in float32 are 27e9
    var host = MemoryPlan.of(planned(512).prune(graph, paper)).host();
    assertThat(host)
        .anySatisfy(
            part -> {
              assertThat(part.name()).isEqualTo("pairs of every fold");
              assertThat(part.bytes()).isEqualTo(10 * 4 * pairs);
            });
  }

  @Test
  void copiesOfShrinkingWeightsGoOverTheLink() {
    var graph = llama();
    String[] narrow = {"train.precision=bfloat16", "lhspg.periods=1", "lhspg.stepsPerPeriod=10"};
    var work = planned(512).prune(graph, settings(PruneSettings.class, narrow));
    var time = StageTime.of(work, Accelerator.A100.get(0), 0.4, 0);
    double shrunk = 32.0 * (3 * 4096 * 4096 + 2.0 * 11008 * 4096); // rows of q, k, v, gate, up
    assertThat(time.link())
        .isGreaterThan(10 * 2 * shrunk / 10e9)
        .isLessThan(20 * 8 * shrunk / 10e9);
    var wide =
        planned(512)
            .prune(
                graph, settings(PruneSettings.class, "train.precision=float32", "lhspg.periods=1"));
    assertThat(StageTime.of(wide, Accelerator.A100.get(0), 0.4, 0).link()).isZero();
  }

  /** LLaMA-7B: 27 + 13.5 GB are above two thirds of 40 GB and below those of 80 GB. */
  @Test
  void onADeviceWithRoomNothingThatChangesCrossesTheBus() {
    var settings = settings(PruneSettings.class, "train.precision=bfloat16");
    var work = planned(512).prune(llama(), settings);
    var small = StageTime.of(work, Accelerator.A100.get(0), 0.4, 0);
    var large = StageTime.of(work, Accelerator.A100.get(1), 0.4, 0);
    assertThat(small.link()).isPositive();
    assertThat(large.link()).isZero();
    assertThat(large.seconds()).isLessThan(small.seconds());
    assertThat(Originals.AUTO.of(work.graph().parameterCount(), 40_000_000_000L))
        .isEqualTo(Originals.HOST);
    assertThat(Originals.AUTO.of(work.graph().parameterCount(), 80_000_000_000L))
        .isEqualTo(Originals.DEVICE);
    assertThat(Originals.HOST.of(1, 80_000_000_000L)).isEqualTo(Originals.HOST);
    assertThat(Originals.DEVICE.of(80_000_000_000L, 1)).isEqualTo(Originals.DEVICE);
  }
}
