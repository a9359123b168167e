package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.lorashear.family.Family;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.Optimizer;
import io.lorashear.policy.Limits;
import io.lorashear.rank.RankPruner;
import io.lorashear.rank.RankSettings;
import io.lorashear.run.Progress;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Free;
import io.lorashear.torch.Placement;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.HostArrays;
import io.lorashear.torch.engine.HostArrays.Copies;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.TinyModel;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How often a step copies to and from the device: what each method may is stated, and is the same
 * for two layers and for five. Two batches a step: ids and a mask of each go up, and all losses
 * come down with the norm.
 */
class StepCopiesTest {
  private static final int BATCHES = 2;

  /** What was copied in each step, by who tells when one ends. */
  private static final class Steps {
    private final List<Copies> found = new ArrayList<>();
    private Copies last = HostArrays.copies();

    void end() {
      var now = HostArrays.copies();
      found.add(now.since(last));
      last = HostArrays.copies();
    }

    /** The most of any step but the first, which also sets up. */
    Copies most() {
      var later = found.subList(1, found.size());
      return new Copies(
          later.stream().mapToLong(Copies::sent).max().orElseThrow(),
          later.stream().mapToLong(Copies::fetched).max().orElseThrow());
    }
  }

  /**
   * Beside those of the batches: LHSPG sends where groups arrive or a period begins, the rows of
   * groups that shrink and two masks; it fetches which groups are zero, and between periods scores
   * and the pairs that are folded. LoRAPrune sends where it cuts what goes and a mask, and fetches
   * scores. Gates send the masks, to apply and to differentiate them, and fetch their gradients; a
   * teacher's tokens and probabilities go up with each batch.
   */
  @ParameterizedTest
  @CsvSource({
    "LHSPG, paper, 3, 3",
    "LHSPG, oto, 3, 1",
    "LORA_PRUNE, , 2, 1",
    "SHEARED_LLAMA, , 2, 1",
    "DDP, , 6, 1"
  })
  void pruning(Method method, String mode, int sent, int fetched) {
    for (var precision : List.of(Precision.FLOAT32, Precision.BFLOAT16)) {
      var few = pruned(method, mode, precision, 2);
      assertThat(few.sent()).as("sent").isBetween(2L * BATCHES, 2L * BATCHES + sent);
      assertThat(few.fetched()).as("fetched").isBetween(1L, 1L + fetched);
      assertThat(pruned(method, mode, precision, 5)).isEqualTo(few);
    }
  }

  private static Copies pruned(Method method, String mode, Precision precision, int layers) {
    var config = TinyModel.config(TinyModel.VOCABULARY, layers);
    var graph = Family.of(config).trace(config);
    var steps = new Steps();
    Progress counting =
        (what, total, unit) ->
            new Progress.Work() {
              @Override
              public void step(long units) {
                if (what.equals("prune")) {
                  steps.end();
                }
              }

              @Override
              public void note(String text) {}

              @Override
              public void close() {}
            };
    var task =
        new PruningMethod.Task(
            config,
            graph,
            TinyModel.weights(graph, 1),
            settings(method, mode, precision),
            new Limits(Set.of(), Map.of(), Free.ANY),
            TinyModel.sequences(16, 12, 3),
            Device.cpu(),
            null,
            counting);
    method.method().prune(task).close();
    return steps.most();
  }

  private static PruneSettings settings(Method method, String mode, Precision precision) {
    var values =
        new ArrayList<>(
            List.of(
                "checkpoint=dense",
                "corpus=corpus",
                "output=pruned",
                "method=" + Settings.word(method),
                "ratio=0.25",
                "unprunable=0",
                "lora.rank=2",
                "train.precision=" + precision,
                "train.rows=2",
                "train.accumulate=" + BATCHES,
                "train.saveEvery=0"));
    switch (method) {
      case LHSPG ->
          values.addAll(
              List.of(
                  "lhspg.mode=" + mode,
                  "lhspg.warmupSteps=2",
                  "lhspg.periods=2",
                  "lhspg.stepsPerPeriod=4",
                  "lhspg.coolDownSteps=2"));
      case LORA_PRUNE -> values.add("loraPrune.steps=20");
      case SHEARED_LLAMA -> values.add("sheared.steps=6");
      default -> values.add("ddp.steps=6");
    }
    return Settings.defaults(PruneSettings.class, values);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32", "BFLOAT16"})
  void recovery(Precision precision) {
    var expected = new Copies(2 * BATCHES, 1);
    Function<AdaptedModel, Optimizer> adam = model -> model.adam(AdamSettings.USUAL);
    assertThat(trained(adam, precision, 2)).isEqualTo(expected);
    assertThat(trained(adam, precision, 5)).isEqualTo(expected);
  }

  /** Between two events; an event asks pair by pair, once in {@code prunedLora.every} steps. */
  @ParameterizedTest
  @CsvSource({"FLOAT32", "BFLOAT16"})
  void pairsThatLoseComponents(Precision precision) {
    var expected = new Copies(2 * BATCHES, 1);
    Function<AdaptedModel, Optimizer> pruner =
        model ->
            new RankPruner(
                model.model().manager(),
                model.adam(AdamSettings.USUAL),
                model.bindings(),
                model.model()::parameter,
                Settings.defaults(RankSettings.class, List.of("startRank=4", "every=100")),
                2,
                1);
    assertThat(trained(pruner, precision, 2)).isEqualTo(expected);
    assertThat(trained(pruner, precision, 5)).isEqualTo(expected);
  }

  private static Copies trained(
      Function<AdaptedModel, Optimizer> optimizer, Precision precision, int layers) {
    var config = TinyModel.config(TinyModel.VOCABULARY, layers);
    var graph = Family.of(config).trace(config);
    var lora = new LoraSettings(4, 8, List.of());
    try (var model =
        AdaptedModel.load(
            graph, TinyModel.weights(graph, 1), lora, 7, Placement.of(Device.cpu(), precision))) {
      var settings =
          Settings.defaults(
              TrainSettings.class, List.of("rows=2", "accumulate=" + BATCHES, "saveEvery=0"));
      var batches = Batches.shuffled(TinyModel.sequences(16, 12, 3), 2, BATCHES, 5);
      var steps = new Steps();
      new TrainLoop(model.model(), optimizer.apply(model), settings.schedule(5), batches, settings)
          .run(5, step -> steps.end());
      return steps.most();
    }
  }
}
