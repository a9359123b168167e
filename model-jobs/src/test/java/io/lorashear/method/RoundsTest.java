package io.lorashear.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.compress.WidthPlan;
import io.lorashear.corpus.Sequence;
import io.lorashear.dependency.Groups;
import io.lorashear.policy.Limits;
import io.lorashear.run.Progress;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Baselines;
import io.lorashear.saliency.FisherScore;
import io.lorashear.settings.Settings;
import io.lorashear.shape.Free;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.Batch;
import io.lorashear.train.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pruning in rounds, on a model of random weights. */
class RoundsTest {
  private final List<Sequence> rows = TinyModel.sequences(6, 16, 3);

  private static PruneSettings settings(String... more) {
    var values = new ArrayList<>(List.of("checkpoint=dense", "corpus=corpus", "output=pruned"));
    values.addAll(List.of("method=fisher", "ratio=0.3", "rows=6"));
    values.addAll(List.of(more));
    return Settings.defaults(PruneSettings.class, values);
  }

  private PruningMethod.Task task(PruneSettings settings) {
    return task(null, settings);
  }

  private PruningMethod.Task task(@Nullable Path scratch, PruneSettings settings) {
    var graph = TinyModel.graph();
    return new PruningMethod.Task(
        TinyModel.config(),
        graph,
        TinyModel.weights(graph, 1),
        settings,
        new Limits(Set.of(), Map.of(), Free.ANY),
        rows,
        Device.cpu(),
        scratch,
        Progress.silent());
  }

  private WidthPlan plan(String... more) {
    return plan(null, more);
  }

  private WidthPlan plan(@Nullable Path scratch, String... more) {
    var task = task(scratch, settings(more));
    try (var outcome = task.settings().method().method().prune(task)) {
      return outcome.plan();
    }
  }

  /** Every round written out: scores of what is left, half of the budget each. */
  @Test
  void theSecondRoundScoresTheModelWithoutTheGroupsOfTheFirst() {
    var task = task(settings());
    var gone = Groups.none();
    for (int round = 1; round <= 2; round++) {
      try (var model = TorchModel.load(task.graph(), task.tensors(), Device.cpu())) {
        var axes = task.axes(model, List.of());
        zero(axes, gone);
        var kept = AxisWeights.all(axes).minus(gone);
        var scores =
            FisherScore.of(
                model,
                axes,
                rows.size(),
                row -> Batch.of(List.of(rows.get(row))).backward(model, 1));
        var each = Baselines.perParameter(axes, scores);
        gone = gone.plus(task.budget().choose(axes, each, kept, gone, round, 2));
      }
    }
    assertThat(plan("rounds=2")).isEqualTo(new WidthPlan(gone));
    assertThat(plan("rounds=2")).isNotEqualTo(plan());
  }

  /** The rows that write a group, number by number. */
  private static void zero(List<AxisWeights> axes, Groups gone) {
    for (var axis : axes) {
      for (var slice : axis.zeroed()) {
        var values = slice.weight().toFloatArray();
        int width = values.length / slice.groupOf().length;
        for (int i = 0; i < values.length; i++) {
          int group = slice.groupOf()[i / width];
          values[i] = group >= 0 && gone.contains(axis.name(), group) ? 0 : values[i];
        }
        slice.weight().set(values);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fisher",
        "taylor",
        "magnitude",
        "llm-pruner",
        "fisher choice=local",
        "fisher joint"
      })
  void everyMethodThatScoresMeetsItsBudgetInRounds(String method) {
    var more = new ArrayList<>(List.of("rounds=3", "compensation.rows=6"));
    var words = method.split(" ");
    more.add("method=" + words[0]);
    if (words.length > 1) {
      more.add(words[1].equals("joint") ? "saliency.joint=true" : words[1]);
    }
    var graph = TinyModel.graph();
    more.add("ratio=0.15");
    long left = plan(more.toArray(String[]::new)).parameters(graph);
    double share = 1 - (double) left / graph.parameterCount();
    assertThat(share).isBetween(0.15, 0.17);
  }

  private static final List<String> HALF_SPACE =
      List.of(
          "method=lhspg",
          "rounds=3",
          "compensation.rows=6",
          "saliency.magnitude=0",
          "saliency.averageMagnitude=0",
          "saliency.cosine=0",
          "saliency.taylor1=0",
          "saliency.taylor2=0",
          "saliency.fisher=1",
          "lhspg.warmupSteps=1",
          "lhspg.periods=3",
          "lhspg.stepsPerPeriod=2",
          "lhspg.coolDownSteps=1");

  private static String[] lhspg(String... more) {
    var all = new ArrayList<>(HALF_SPACE);
    for (var setting : more) {
      var key = setting.substring(0, setting.indexOf('=') + 1);
      all.removeIf(other -> other.startsWith(key));
      all.add(setting);
    }
    return all.toArray(String[]::new);
  }

  /** LHSPG trains with the groups that Fisher's one-shot rounds find, and with no others. */
  @ParameterizedTest
  @ValueSource(ints = {3, 6})
  void lhspgTakesTheGroupsOfOneShotRounds(int rounds) {
    var fisher = plan("rounds=" + rounds, "compensation.rows=6");
    assertThat(plan(lhspg("rounds=" + rounds))).isEqualTo(fisher);
    assertThat(plan(lhspg("rounds=1"))).isNotEqualTo(fisher);
  }

  /** A run that was killed while it trained takes the rounds that it has, without looking again. */
  @Test
  void foundRoundsAreKeptForARunThatGoesOn(@TempDir Path scratch) {
    var whole = plan(scratch, lhspg());
    var file = scratch.resolve("rounds.json");
    var found = JsonFile.read(file).path("rounds");
    assertThat(found).hasSize(3);
    var rounds = new ArrayList<Groups>();
    found.forEach(round -> rounds.add(Groups.fromJson(round)));
    assertThat(new WidthPlan(Groups.union(rounds))).isEqualTo(whole);

    var others = plan("rounds=1");
    var json = JsonFile.object();
    var each = json.putArray("rounds").add(others.removed().toJson());
    each.addObject();
    each.addObject();
    JsonFile.replace(file, json);
    assertThat(plan(scratch, lhspg())).isEqualTo(others).isNotEqualTo(whole);
  }

  @Test
  void whatContradictsRoundsOfLhspgIsRefusedTogether() {
    var found = "rounds is 3, and with lhspg rounds find the groups on the dense model, ";
    assertThatThrownBy(
            () ->
                settings(
                    lhspg(
                        "saliency.taylor1=0.2",
                        "saliency.measure=period",
                        "lora.adapter=pairs",
                        "allocation.enabled=true",
                        "lhspg.periods=2")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "rounds is 3, and lhspg.periods is 2, each of which removes the groups of whole rounds:"
                + " give a multiple of it, for example 4")
        .hasMessageContaining(
            found
                + "where scores of pairs say nothing: give weight to saliency.fisher or"
                + " saliency.gradient alone, or set it to 1")
        .hasMessageContaining(
            found + "but saliency.measure is period: set that to once, or rounds to 1")
        .hasMessageContaining(
            found + "but lora.adapter has pairs that are trained already: set it to 1")
        .hasMessageContaining(
            found
                + "but allocation.enabled is true, which gives every axis its width: leave one of"
                + " the two out");
  }

  @Test
  void settingsWithoutEffectAreRefusedTogether() {
    assertThatThrownBy(() -> settings("method=flap", "rounds=0"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("rounds is 0: at least one round is needed");
    assertThatThrownBy(
            () ->
                settings(
                    "method=flap",
                    "rounds=2",
                    "saliency.joint=true",
                    "saliency.residual=true",
                    "saliency.by=position",
                    "saliency.diagonal=2"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(
            "rounds is 2, but method is flap, which does not score every group on the model as it"
                + " is: set it to 1, or choose lhspg, fisher, taylor, magnitude or llm-pruner")
        .hasMessageContaining(
            "saliency.joint is true, but method is flap, which does not choose by Fisher"
                + " information: set it to false")
        .hasMessageContaining(
            "saliency.by is position, but method is flap, which does not choose by Fisher"
                + " information: set it to row")
        .hasMessageContaining(
            "saliency.residual is true, but method is flap, which does not choose by Fisher"
                + " information: set it to false")
        .hasMessageContaining(
            "saliency.residual is true, but compensation.rows is 0, so nothing makes up for what"
                + " goes: give compensation.rows, for example 8")
        .hasMessageContaining(
            "saliency.diagonal is 2.0: give a share from 0 (all products of groups count) to 1"
                + " (none does)");
    assertThatThrownBy(() -> settings("method=lhspg", "saliency.joint=true"))
        .hasMessageContaining(
            "saliency.joint is true, but method is lhspg and saliency.fisher 0, which does not"
                + " choose by Fisher information: set it to false");
    assertThatThrownBy(() -> settings("choice=local", "saliency.joint=true"))
        .hasMessageContaining(
            "saliency.joint is true, but choice is local: which groups go together is a matter of"
                + " the whole model, set choice to global");
    assertThatThrownBy(
            () -> settings("method=llm-pruner", "llmPruner.by=channel", "choice=local", "rounds=2"))
        .hasMessageContaining(
            "rounds is 2, but llmPruner.by is channel: with channels at zero the norms give other"
                + " values than without them, set it to 1");
  }
}
