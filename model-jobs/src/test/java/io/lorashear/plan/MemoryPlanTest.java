package io.lorashear.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.lora.LoraRewrite;
import io.lorashear.lora.LoraSettings;
import io.lorashear.method.PruneSettings;
import io.lorashear.plan.Learning.Update;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.settings.Settings;
import io.lorashear.torch.compile.Precision;
import io.lorashear.train.TinyModel;
import io.lorashear.train.TrainSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Against numbers counted by hand for a model of two layers. */
class MemoryPlanTest {
  private static final int RANK = 4;
  private static final int LENGTH = 16;
  private static final ProcessMemory DEVICE = new ProcessMemory(OptionalLong.empty(), false);

  /** In float32 where nothing else is said. */
  private static TrainSettings wide(String... train) {
    var given = new ArrayList<>(List.of("precision=float32"));
    given.addAll(List.of(train));
    return Settings.defaults(TrainSettings.class, given);
  }

  private static Work work(String... train) {
    var lora = LoraRewrite.apply(TinyModel.graph(), new LoraSettings(RANK, 8, List.of()));
    var learning = new HashSet<String>();
    lora.bindings().forEach(pair -> learning.addAll(List.of(pair.a(), pair.b())));
    var settings = wide(train);
    return new Work(
        lora.graph(),
        LENGTH,
        new Learning(learning, Update.PAIRS, settings, 10),
        Forward.NOTHING,
        Pruning.axes(0.5),
        DEVICE);
  }

  private static double part(List<MemoryPlan.Part> parts, String name) {
    return parts.stream()
        .filter(part -> part.name().equals(name))
        .mapToDouble(MemoryPlan.Part::bytes)
        .findFirst()
        .orElseThrow();
  }

  /**
   * Of a layer with 4 query heads on 2 key-value heads of 4, hidden 16 and 12 channels. The first
   * keeps nothing of its input and norm but what A reads: nothing before it learns.
   */
  @Test
  void whatIsKeptIsCountedValueByValue() {
    int inner = 7 * RANK; // A x of seven pairs
    int attention = 16 + 16 + 16 + 16 + 4; // q, repeated k and v, result, sums
    int norm = 16 + 1; // input, root
    int mlp = norm + 16 + 12 + 12 + 12 + 12; // normed, gate, silu, up, product
    int first = 16 + inner + attention + mlp; // normed
    int second = norm + first;
    int head = norm;
    var kept =
        new SavedValues(work().graph(), work().learning().weights(), LENGTH, Precision.FLOAT32);
    assertThat(kept.all()).isEqualTo(4 * (first + second + head));
    assertThat(kept.largestBlock()).isEqualTo(4 * second);
    assertThat(kept.blockInputs()).isEqualTo(4 * 3 * 16);
    assertThat(kept.widest()).isEqualTo(16);
    var plan = MemoryPlan.of(work());
    assertThat(part(plan.pass(), "values kept for gradients"))
        .isEqualTo(4.0 * 2 * LENGTH * (first + second + head));
    var again = MemoryPlan.of(work("recompute=true"));
    assertThat(part(again.pass(), "values kept for gradients"))
        .isEqualTo(4.0 * 2 * LENGTH * (second + 3 * 16));
  }

  /** In bfloat16 half of that, but for roots of norms and sums of scores. */
  @Test
  void bfloat16HalvesWhatIsKeptAndLeavesFloat32OnTheHost() {
    int inner = 2 * 7 * RANK;
    int attention = 2 * (16 + 16 + 16 + 16) + 4 * 4;
    int norm = 2 * 16 + 4;
    int mlp = norm + 2 * (16 + 12 + 12 + 12 + 12);
    int first = 2 * 16 + inner + attention + mlp;
    int second = norm + first;
    int head = norm;
    var plan = MemoryPlan.of(work("precision=bfloat16"));
    double pairs = 2 * RANK * (32 + 24 + 24 + 32 + 28 + 28 + 28);
    double weights = TinyModel.graph().parameterCount();
    assertThat(part(plan.pass(), "values kept for gradients"))
        .isEqualTo(2.0 * LENGTH * (first + second + head));
    assertThat(part(plan.pass(), "LoRA pairs in bfloat16")).isEqualTo(2 * pairs);
    assertThat(part(plan.always(), "weights in bfloat16")).isEqualTo(2 * weights + 2 * 5 * 16);
    assertThat(part(plan.always(), "optimizer")).isGreaterThan(8 * pairs);
    assertThat(plan.always()).extracting(MemoryPlan.Part::name).doesNotContain("weights");
    assertThat(part(plan.host(), "weights")).isEqualTo(4 * weights);
    assertThat(plan.host()).extracting(MemoryPlan.Part::name).contains("saliency and shrinking");
    assertThat(MemoryPlan.of(work()).host()).isEmpty();
  }

  /** Originals that fit are a part of the device's peak; then nothing is asked of the host. */
  @Test
  void float32WeightsThatFitAreOnTheDevice() {
    var work = work("precision=bfloat16");
    double weights = TinyModel.graph().parameterCount();
    var least = MemoryPlan.of(work);
    long room = 1_000_000_000;
    var there = MemoryPlan.of(work.on(room));
    assertThat(there.host()).isEmpty();
    assertThat(part(there.always(), "weights")).isEqualTo(4 * weights);
    assertThat(part(there.always(), "weights in bfloat16")).isEqualTo(2 * weights);
    assertThat(there.peak()).isGreaterThan(least.peak());
    assertThat(MemoryPlan.of(work("precision=bfloat16", "originals=host").on(room)).peak())
        .isEqualTo(least.peak());
    var told = new StagePlan(work, List.of(room), OptionalDouble.empty());
    assertThat(told.table()).contains("fits in 1.0 GB with the float32 weights, a peak of");
  }

  @Test
  void float32WeightsThatAreTooMuchAreSentToTheHost() {
    var work = work("precision=bfloat16", "originals=device", "rows=1", "recompute=true");
    var host = work("precision=bfloat16", "originals=host", "rows=1", "recompute=true");
    long least = Math.round(MemoryPlan.of(host).peak());
    assertThat(MemoryPlan.of(work).host()).isEmpty();
    assertThat(Remedy.of(work, least).orElseThrow().settings())
        .containsExactly("train.originals=host");
    assertThat(StagePlan.shortage(work, least))
        .contains("with --set train.originals=host it takes");
  }

  @Test
  void pairsCostTheirGradientsAndTwoMoments() {
    var plan = MemoryPlan.of(work());
    double pairs = 2 * RANK * (32 + 24 + 24 + 32 + 28 + 28 + 28);
    double rows = 2 * (7 * RANK + 16 + 8 + 8 + 16 + 12 + 12 + 16);
    assertThat(part(plan.always(), "weights")).isEqualTo(4.0 * TinyModel.graph().parameterCount());
    assertThat(part(plan.always(), "LoRA pairs")).isEqualTo(4 * pairs);
    assertThat(part(plan.always(), "optimizer")).isEqualTo(8 * pairs + 4 * rows);
  }

  @Test
  void operationsAreThoseOfTheStepsProducts() {
    var work = work();
    double forward = work("recompute=true").operations() - work.operations(); // without the head
    double body = 2.0 * (TinyModel.graph().parameterCount() - 16 * 24 - 5 * 16);
    double pairs = 2.0 * 2 * RANK * (32 + 24 + 24 + 32 + 28 + 28 + 28);
    assertThat(forward).isCloseTo(work.tokens() * (body + pairs), within(1e-6));
  }

  @Test
  void theFirstChangeThatFitsIsNamed() {
    var work = work();
    double peak = MemoryPlan.of(work).peak();
    long small = Math.round(MemoryPlan.of(work("rows=1", "accumulate=2")).peak());
    String[] frugal = {"rows=1", "accumulate=2", "recompute=true"};
    String[] narrow = {"rows=1", "accumulate=2", "recompute=true", "precision=bfloat16"};
    long least =
        Math.round(
            Math.min(MemoryPlan.of(work(frugal)).peak(), MemoryPlan.of(work(narrow)).peak()));
    assertThat(Remedy.of(work, small).orElseThrow().settings())
        .containsExactly("train.rows=1", "train.accumulate=2");
    assertThat(Remedy.of(work, least - 1)).isEmpty();
    var told = new StagePlan(work, List.of(Math.round(peak), small), OptionalDouble.of(1e6));
    assertThat(told.table())
        .contains("fits in")
        .contains("with --set train.rows=1 --set train.accumulate=2 it takes")
        .contains("tokens/s");
    assertThat(told.toJson().path("devices").get(1).path("fits").asBoolean()).isFalse();
    var never = new StagePlan(work, List.of(1000L), OptionalDouble.empty());
    assertThat(never.table())
        .contains("does not fit in 1.0 kB, whatever the settings")
        .contains("lorashear bench train --json FILE");
  }

  private static Work plain(Update update, Set<String> learning, long scored, String... train) {
    var settings = wide(train);
    return new Work(
        TinyModel.graph(),
        LENGTH,
        new Learning(learning, update, settings, 3),
        Forward.scored(scored),
        Pruning.NONE,
        DEVICE);
  }

  @Test
  void scoringKeepsNothing() {
    var plan = MemoryPlan.of(plain(Update.NONE, Set.of(), 100));
    assertThat(plan.always())
        .extracting(MemoryPlan.Part::name)
        .containsExactly("weights", "program");
    assertThat(plan.pass()).isNotEmpty();
    assertThat(MemoryPlan.of(plain(Update.NONE, Set.of(), 0)).pass()).isEmpty();
  }

  /** Two of the largest matrix that an axis divides: 16 times 16, which q and o are. */
  @Test
  void axesThatAreLookedAtTakeTwoMatrices() {
    var plain = plain(Update.NONE, Set.of(), 0);
    var looked = plain.with(Pruning.axes(0));
    assertThat(MemoryPlan.of(looked).peak() - MemoryPlan.of(plain).peak()).isEqualTo(8.0 * 16 * 16);
  }

  /** Gradients are kept for the whole of a stage, but nothing is updated or computed again. */
  @Test
  void measuredGradientsNeedNoOptimizer() {
    var all = TinyModel.graph().parameters().keySet();
    var parameters = (double) TinyModel.graph().parameterCount();
    var work = plain(Update.MEASURED, all, 0, "recompute=true", "accumulate=4");
    var plan = MemoryPlan.of(work);
    assertThat(part(plan.always(), "gradients")).isEqualTo(4 * parameters);
    assertThat(plan.always()).extracting(MemoryPlan.Part::name).doesNotContain("optimizer");
    assertThat(plan.between()).isEmpty();
    assertThat(work.tokens()).isEqualTo(3 * 2 * LENGTH);
    var told = new StagePlan(work, List.of(Math.round(plan.peak()) - 1), OptionalDouble.empty());
    assertThat(told.table())
        .contains("96 tokens whose gradients are measured")
        .contains("with --set train.rows=1 it takes");
  }

  @Test
  void theDenseModelIsBesideWhatIsRebuilt() {
    var graph = TinyModel.graph();
    var planned = new PlannedWork(LENGTH, 2, OptionalLong.empty());
    var given =
        new ArrayList<>(
            List.of(
                "checkpoint=a",
                "corpus=b",
                "output=c",
                "method=fisher",
                "train.precision=float32",
                "compensation.rows=8"));
    var plain = planned.prune(graph, Settings.defaults(PruneSettings.class, given));
    given.add("compensation.towards=dense");
    var refitted = planned.prune(graph, Settings.defaults(PruneSettings.class, given));
    given.add("reconstruction.steps=10");
    var trained = planned.prune(graph, Settings.defaults(PruneSettings.class, given));
    var between = MemoryPlan.of(refitted).between();
    assertThat(part(between, "dense model beside")).isEqualTo(4.0 * graph.parameterCount());
    double rows = 8.0 * 2 * LENGTH;
    assertThat(part(between, "rows of both models")).isEqualTo(4 * 2 * rows * 16);
    assertThat(part(MemoryPlan.of(trained).between(), "rows of both models"))
        .isEqualTo(4 * 4 * rows * 16);
    long plainTokens = plain.forward().looking().tokens();
    long refitTokens = refitted.forward().looking().tokens();
    assertThat(refitTokens - plainTokens).isEqualTo((long) (5 * 2 * rows));
    assertThat(trained.forward().looking().tokens() - refitTokens)
        .isEqualTo((long) (5 * 2 * rows) + 3 * 10 * 2 * LENGTH);
  }

  @Test
  void aModelTrainedFromNothingIsThereFourTimesAndAsItWasDrawn() {
    var graph = TinyModel.graph();
    var settings = wide();
    var work =
        new Work(
            graph,
            LENGTH,
            new Learning(graph.parameters().keySet(), Update.EVERYTHING, settings, 3),
            Forward.NOTHING,
            Pruning.NONE,
            new ProcessMemory(OptionalLong.of(0), false));
    var plan = MemoryPlan.of(work);
    double weights = 4.0 * graph.parameterCount();
    assertThat(part(plan.always(), "weights")).isEqualTo(weights);
    assertThat(part(plan.always(), "gradients")).isEqualTo(weights);
    assertThat(part(plan.always(), "optimizer")).isGreaterThan(2 * weights);
    assertThat(part(plan.always(), "first weights, drawn")).isEqualTo(weights);
  }

  /** The embedding is frozen; the rest learns in float32, with gradients and two moments. */
  @Test
  void weightsThatLearnAsAWholeAreOnTheDevice() {
    var graph = TinyModel.graph();
    var given =
        List.of(
            "checkpoint=a",
            "corpus=b",
            "output=c",
            "learn.weights=blocks",
            "train.precision=bfloat16");
    var settings = Settings.defaults(RecoverSettings.class, given);
    var planned = new PlannedWork(LENGTH, 1, OptionalLong.empty());
    var plan = MemoryPlan.of(planned.recover(graph, settings));
    double frozen = graph.parameter("model.embed_tokens.weight").elements();
    double learning = graph.parameterCount() - frozen;
    assertThat(part(plan.host(), "weights")).isEqualTo(4 * frozen);
    assertThat(part(plan.always(), "weights in bfloat16")).isEqualTo(2 * frozen);
    assertThat(part(plan.always(), "weights that learn")).isEqualTo(4 * learning);
    assertThat(part(plan.always(), "gradients")).isEqualTo(4 * learning);
    assertThat(part(plan.always(), "optimizer")).isGreaterThan(8 * learning);
    assertThat(part(plan.pass(), "weights that learn in bfloat16")).isEqualTo(2 * learning);
    assertThat(part(plan.between(), "AdamW's update")).isEqualTo(4 * learning);
  }

  @Test
  void normsLearnBesideThePairs() {
    var graph = TinyModel.graph();
    var planned = new PlannedWork(LENGTH, 1, OptionalLong.empty());
    var given = new ArrayList<>(List.of("checkpoint=a", "corpus=b", "output=c"));
    var pairs = planned.recover(graph, Settings.defaults(RecoverSettings.class, given));
    given.add("learn.norms=true");
    var norms = planned.recover(graph, Settings.defaults(RecoverSettings.class, given));
    assertThat(norms.learning().elements(norms.graph()))
        .isEqualTo(5 * 16 + pairs.learning().elements(pairs.graph()));
    assertThat(norms.stateBytes() - pairs.stateBytes()).isEqualTo(3 * 4 * 5 * 16.0);
  }

  @Test
  void aProcessHasItsFilesMappedAndItsAllocatorsRests() {
    var work = work();
    var read =
        new Work(
            work.graph(),
            LENGTH,
            work.learning(),
            work.forward(),
            work.pruning(),
            new ProcessMemory(OptionalLong.of(1_000_000), false));
    double pass = MemoryPlan.of(work).pass().stream().mapToDouble(MemoryPlan.Part::bytes).sum();
    assertThat(MemoryPlan.of(read).peak() - MemoryPlan.of(work).peak())
        .isCloseTo(1_000_000 + 3 * 16_777_216.0 + 0.2 * pass, within(1e-3));
  }

  /** In each layer o_proj (16, 16) reads heads, down_proj (16, 12) channels. */
  @Test
  void compensationIsUpdatesAndSecondMoments() {
    var plan = MemoryPlan.of(work().with(work().pruning().refitting(true)));
    assertThat(part(plan.always(), "compensation")).isEqualTo(4 * 2 * (16 * 16 + 16 * 12));
    double held = 2 * (16 * 16 + 12 * 12);
    double equations = 3 * 16 * 16 + 2 * 16 * 16;
    assertThat(part(plan.between(), "second moments"))
        .isEqualTo(8 * held + 4 * 16 * 16 + 8 * equations);
    assertThat(plan.peak()).isGreaterThan(MemoryPlan.of(work()).peak());
  }
}
