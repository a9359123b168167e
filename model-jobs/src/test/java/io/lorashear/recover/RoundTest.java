package io.lorashear.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SoftTargets;
import io.lorashear.graph.ModelGraph;
import io.lorashear.run.Progress;
import io.lorashear.score.Scorer;
import io.lorashear.score.SourceLosses;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.Distillation;
import io.lorashear.train.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundTest {
  private static final ModelGraph GRAPH = TinyModel.graph();
  private static final List<Sequence> SUBSET = TinyModel.sequences(40, 16, 3);
  private static final List<Sequence> HELD_OUT = TinyModel.sequences(4, 16, 99);

  @TempDir Path folder;

  private static RecoverSettings settings(double rate) {
    return SmallRounds.settings("train.learningRate=" + rate);
  }

  private record Ending(RoundResult result, Map<String, float[]> weights) {}

  private Ending run(double rate, String scratch, Progress progress) {
    return run(rate, null, scratch, progress);
  }

  private Ending run(
      double rate, @Nullable Distillation distillation, String scratch, Progress progress) {
    try (var round =
        new Round(GRAPH, TinyModel.weights(GRAPH, 1), 64, settings(rate), Device.cpu())) {
      var result = round.run(SUBSET, HELD_OUT, distillation, folder.resolve(scratch), progress);
      var weights = new LinkedHashMap<String, float[]>();
      var tensors = round.tensors();
      tensors.tensors().keySet().forEach(name -> weights.put(name, tensors.floats(name)));
      return new Ending(result, weights);
    }
  }

  @Test
  void learnsAndMergesTheBestState() {
    var ending = run(2e-2, "scratch", Progress.silent());
    var result = ending.result();
    assertThat(result.steps()).isEqualTo(20);
    assertThat(result.tokens()).isEqualTo(2 * 40 * 16);
    assertThat(result.validations().stream().map(Validation::step))
        .containsExactly(0L, 5L, 10L, 15L, 20L);
    double lowest = result.validations().stream().mapToDouble(Validation::mean).min().orElseThrow();
    assertThat(result.best().mean()).isEqualTo(lowest).isLessThan(result.before().mean() - 0.3);
    // The published weights alone, in a plain model, have the loss of the best state.
    var tensors = new InMemoryTensors();
    ending
        .weights()
        .forEach((name, values) -> tensors.put(name, values, GRAPH.parameter(name).shape()));
    try (var plain = TorchModel.load(GRAPH, tensors, Device.cpu())) {
      var scorer = Scorer.over(plain, 64);
      double loss = SourceLosses.of(scorer, HELD_OUT).get("counting").doubleValue();
      assertThat(Math.abs(loss - lowest)).isLessThan(1e-4);
    }
  }

  @Test
  void aKilledRoundEndsWithTheSameBits() {
    var whole = run(2e-2, "whole", Progress.silent());
    assertThatThrownBy(() -> run(2e-2, "killed", SmallRounds.diesAfter(11))).hasMessage("killed");
    var resumed = run(2e-2, "killed", Progress.silent());
    assertThat(resumed.result()).isEqualTo(whole.result());
    whole
        .weights()
        .forEach((name, values) -> assertThat(resumed.weights().get(name)).isEqualTo(values));
  }

  /** The next tokens are told by the teacher alone. */
  @Test
  void aTeacherIsLearntFromAndAKilledRoundEndsWithTheSameBits() {
    var distillation = new Distillation(RoundTest::nearlyCertain, 1, 1);
    var whole = run(2e-2, distillation, "whole", Progress.silent());
    var result = whole.result();
    assertThat(result.best().mean()).isLessThan(result.before().mean() - 0.3);
    assertThatThrownBy(() -> run(2e-2, distillation, "killed", SmallRounds.diesAfter(11)))
        .hasMessage("killed");
    var resumed = run(2e-2, distillation, "killed", Progress.silent());
    assertThat(resumed.result()).isEqualTo(result);
    whole
        .weights()
        .forEach((name, values) -> assertThat(resumed.weights().get(name)).isEqualTo(values));
    assertThat(run(2e-2, "alone", Progress.silent()).result()).isNotEqualTo(result);
  }

  private static SoftTargets nearlyCertain(Sequence row) {
    int positions = row.tokens() - 1;
    var logs = new float[positions];
    var tail = new float[positions];
    Arrays.fill(logs, (float) Math.log(0.9));
    Arrays.fill(tail, (float) Math.log(0.1));
    var ids = Arrays.copyOfRange(row.inputIds(), 1, row.tokens());
    return new SoftTargets(1, ids, logs, tail);
  }

  @Test
  void aRoundThatGoesAstrayLeavesTheModel() {
    var ending = run(1e30, "scratch", Progress.silent());
    assertThat(ending.result().best().step()).isZero();
    var before = TinyModel.weights(GRAPH, 1);
    ending.weights().forEach((name, values) -> assertThat(values).isEqualTo(before.floats(name)));
  }

  @Test
  void stopsWhenTwoRoundsGainNothing() {
    var usual = Convergence.USUAL;
    assertThat(usual.reached(List.of())).isFalse();
    assertThat(usual.reached(List.of(4.0, 3.5, 3.49))).isFalse();
    assertThat(usual.reached(List.of(4.0, 3.5, 3.49, 3.488))).isTrue();
    assertThat(usual.reached(List.of(4.0, 3.5, 3.49, 3.3))).isFalse();
  }

  @Test
  void theBestRoundIsKeptWhateverFollows() {
    var after = List.of(3.0, 3.2, 3.3, 2.0);
    var asked = new ArrayList<String>();
    var kept =
        Rounds.run(
            Path.of("pruned"),
            10,
            Convergence.USUAL,
            (round, checkpoint) -> {
              asked.add(round + " " + checkpoint);
              return Optional.of(Path.of("subset-" + round));
            },
            (round, checkpoint, subset) ->
                new Rounds.Done(Path.of("round-" + round), 4, after.get(round)));
    assertThat(kept).isEqualTo(Path.of("round-0"));
    assertThat(asked).containsExactly("0 pruned", "1 round-0", "2 round-1");
  }
}
