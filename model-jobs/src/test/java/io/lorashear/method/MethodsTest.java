package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.corpus.Sequence;
import io.lorashear.graph.ModelGraph;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.LearningRate;
import io.lorashear.policy.Limits;
import io.lorashear.reference.ReferenceData;
import io.lorashear.run.Progress;
import io.lorashear.score.Scorer;
import io.lorashear.score.SourceLosses;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Free;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Methods on a small trained model, each with the same recovery. */
@Tag("reference")
class MethodsTest {
  private static final int LENGTH = 128;
  private static final int RECOVERY = 60;
  private static final TrainSettings RECOVER =
      new TrainSettings(3e-3, LearningRate.Shape.COSINE, 0.1, 1, 4, 1, 0);
  private static final LoraSettings LORA = new LoraSettings(8, 16, List.of());

  private final List<Sequence> rows;
  private final List<Sequence> heldOut;

  MethodsTest() throws IOException {
    var all = rows();
    heldOut = all.subList(0, 16);
    rows = all.subList(16, all.size());
  }

  static List<Sequence> rows() throws IOException {
    var text = ReferenceData.path("data/tinystories/tinystories_sample.txt.gz");
    var ids = new ArrayList<Integer>();
    try (var tokenizer =
            Tokenizer.open(ReferenceData.path("reference/stories260K-hf/tokenizer.json"));
        var lines =
            new BufferedReader(
                new InputStreamReader(
                    new GZIPInputStream(Files.newInputStream(text)), StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank() && ids.size() < 800 * LENGTH) {
          for (int id : tokenizer.encode(line)) {
            ids.add(id);
          }
        }
      }
    }
    var mask = new byte[LENGTH];
    Arrays.fill(mask, (byte) 1);
    var rows = new ArrayList<Sequence>();
    for (int at = 0; at + LENGTH <= ids.size(); at += LENGTH) {
      var row = ids.subList(at, at + LENGTH).stream().mapToInt(Integer::intValue).toArray();
      rows.add(new Sequence("stories", Sequence.TRAIN, "row-" + at, row, mask));
    }
    return rows;
  }

  static PruneSettings settings(Method method, long seed, String... more) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=dense",
                "corpus=corpus",
                "output=pruned",
                "method=" + Settings.word(method),
                "unprunable=0",
                "rows=1",
                "seed=" + seed,
                "lora.rank=8",
                "lora.alpha=16",
                "lhspg.mode=paper",
                "lhspg.warmupSteps=20",
                "lhspg.periods=4",
                "lhspg.stepsPerPeriod=10",
                "lhspg.coolDownSteps=0",
                "lhspg.epsilon=0",
                "train.learningRate=1e-3",
                "train.schedule=constant",
                "train.warmup=0.1",
                "train.rows=4",
                "train.saveEvery=0"));
    values.addAll(List.of(more));
    return Settings.defaults(PruneSettings.class, values);
  }

  /** Held-out loss after recovery. */
  private double recovered(ModelGraph graph, TensorSource tensors) {
    try (var model = AdaptedModel.load(graph, tensors, LORA, 3, Device.cpu())) {
      new TrainLoop(
              model.model(),
              model.adam(AdamSettings.USUAL),
              RECOVER.schedule(RECOVERY),
              Batches.shuffled(rows, RECOVER.rows(), 1, 9),
              RECOVER)
          .run(RECOVERY, step -> {});
      return SourceLosses.of(Scorer.over(model.model(), 512), heldOut).get("stories");
    }
  }

  private double recovered(Checkpoint dense, Method method, long seed) {
    var graph = dense.graph();
    var task =
        new PruningMethod.Task(
            dense.config(),
            graph,
            dense.tensors(),
            settings(method, seed),
            new Limits(Set.of(), Map.of(), Free.ANY),
            rows,
            Device.cpu(),
            null,
            Progress.silent());
    try (var outcome = method.method().prune(task)) {
      long left = outcome.plan().parameters(graph);
      assertThat((double) left / graph.parameterCount()).isBetween(0.79, 0.8);
      var small = Compressor.compress(graph, outcome.tensors(), outcome.plan());
      return recovered(small.graph(), small.tensors());
    }
  }

  @Test
  void randomGroupsLoseToLhspgAtEqualRecovery() {
    try (var dense = Checkpoint.open(ReferenceData.path("reference/stories260K-hf"))) {
      double lhspg = recovered(dense, Method.LHSPG, 1);
      double first = recovered(dense, Method.RANDOM, 1);
      double second = recovered(dense, Method.RANDOM, 2);
      // What is called recovery is not mere further training: the same tokens leave the dense
      // model ahead.
      double whole = recovered(dense.graph(), dense.tensors());
      System.out.printf(
          "held-out loss after %d steps: dense %.4f, LHSPG %.4f, random groups %.4f and %.4f%n",
          RECOVERY, whole, lhspg, first, second);
      assertThat(lhspg).isLessThan(first - 0.04).isLessThan(second - 0.04);
      assertThat(whole).isLessThan(lhspg);
    }
  }

  /** The loss before any recovery, pruned on the first 200 rows. */
  private double pruned(Checkpoint dense, Method method, String... more) {
    var graph = dense.graph();
    var task =
        new PruningMethod.Task(
            dense.config(),
            graph,
            dense.tensors(),
            settings(method, 1, more),
            new Limits(Set.of(), Map.of(), Free.ANY),
            rows.subList(0, 200),
            Device.cpu(),
            null,
            Progress.silent());
    try (var outcome = method.method().prune(task)) {
      var small = Compressor.compress(graph, outcome.tensors(), outcome.plan());
      long left = small.graph().parameterCount();
      assertThat((double) left / graph.parameterCount()).isBetween(0.79, 0.8);
      try (var model = TorchModel.load(small.graph(), small.tensors(), Device.cpu())) {
        return SourceLosses.of(Scorer.over(model, 512), heldOut).get("stories");
      }
    }
  }

  /** No weight learns; both look at the same 25,600 tokens once. */
  @Test
  void masksThatLearnKeepMoreThanOneShotDoes() {
    try (var dense = Checkpoint.open(ReferenceData.path("reference/stories260K-hf"))) {
      double fisher = pruned(dense, Method.FISHER);
      double ddp =
          pruned(
              dense,
              Method.DDP,
              "train.rows=2",
              "train.schedule=cosine",
              "ddp.steps=100",
              "ddp.rate=0.1",
              "ddp.multiplierRate=0.1",
              "ddp.squareRate=2");
      double sheared =
          pruned(
              dense,
              Method.SHEARED_LLAMA,
              "train.rows=2",
              "train.schedule=cosine",
              "sheared.steps=100");
      double random = pruned(dense, Method.RANDOM);
      System.out.printf(
          "held-out loss, nothing recovered: DDP %.4f, Fisher %.4f, Sheared-LLaMA %.4f, random"
              + " %.4f%n",
          ddp, fisher, sheared, random);
      assertThat(ddp).isLessThan(fisher - 0.1);
      assertThat(sheared).isLessThan(random - 0.1);
    }
  }
}
