package io.lorashear.recover;

import static io.lorashear.recover.SmallRounds.GRAPH;
import static io.lorashear.recover.SmallRounds.diesAfter;
import static io.lorashear.recover.SmallRounds.loss;
import static io.lorashear.recover.SmallRounds.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.InputException;
import io.lorashear.graph.BlockMatrix;
import io.lorashear.run.Progress;
import io.lorashear.train.TinyModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which weights learn, and that a published model has them. */
class LearntWeightsTest {
  private static final String EMBEDDING = "model.embed_tokens.weight";

  @TempDir Path folder;

  /** Names of the weights that differ from those before the round. */
  private static Set<String> changed(SmallRounds.Ending ending) {
    var before = TinyModel.weights(GRAPH, 1);
    var changed = new LinkedHashSet<String>();
    ending
        .weights()
        .forEach(
            (name, values) -> {
              if (!Arrays.equals(values, before.floats(name))) {
                changed.add(name);
              }
            });
    return changed;
  }

  private static Set<String> norms() {
    return GRAPH.parameters().values().stream()
        .filter(parameter -> parameter.shape().length == 1)
        .map(parameter -> parameter.name())
        .collect(Collectors.toSet());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "learn.weights=all",
        "learn.weights=blocks",
        "learn.norms=true",
        "learn.factors=true",
        "seed=1"
      })
  void thePublishedWeightsHaveTheLossOfTheBestState(String learn) {
    var ending = run(folder, Progress.silent(), learn);
    var result = ending.result();
    assertThat(result.best().mean()).isLessThan(result.before().mean() - 0.2);
    assertThat(loss(ending.weights())).isCloseTo(result.best().mean(), within(1e-4));
    var expected = new LinkedHashSet<>(GRAPH.parameters().keySet());
    if (!learn.equals("learn.weights=all")) {
      expected.remove(EMBEDDING);
    }
    if (learn.equals("seed=1") || learn.equals("learn.factors=true")) {
      expected.removeAll(norms());
    }
    assertThat(changed(ending)).isEqualTo(expected);
    assertThat(expected).containsAll(BlockMatrix.of(GRAPH).stream().map(m -> m.name()).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"learn.weights=all", "learn.norms=true", "learn.factors=true", "average=0.5"})
  void aKilledRoundEndsWithTheSameBits(String learn) {
    var whole = run(folder.resolve("whole"), Progress.silent(), learn);
    assertThatThrownBy(() -> run(folder.resolve("killed"), diesAfter(11), learn))
        .hasMessage("killed");
    var resumed = run(folder.resolve("killed"), Progress.silent(), learn);
    assertThat(resumed.result()).isEqualTo(whole.result());
    whole
        .weights()
        .forEach((name, values) -> assertThat(resumed.weights().get(name)).isEqualTo(values));
  }

  /** With a rate of almost zero for vectors, pairs learn as they do alone. */
  @Test
  void vectorsHaveARateOfTheirOwn() {
    var alone = run(folder.resolve("alone"), Progress.silent());
    var slow =
        run(
            folder.resolve("slow"),
            Progress.silent(),
            "learn.norms=true",
            "learn.vectorRate=1e-12",
            "train.clip=0");
    var unclipped = run(folder.resolve("unclipped"), Progress.silent(), "train.clip=0");
    assertThat(changed(slow)).doesNotContainAnyElementsOf(norms());
    assertThat(slow.result()).isEqualTo(unclipped.result());
    assertThat(slow.result()).isNotEqualTo(alone.result());
  }

  @Test
  void whatHasNoEffectIsRefused() {
    assertThatThrownBy(
            () ->
                SmallRounds.settings(
                    "learn.weights=blocks",
                    "learn.norms=true",
                    "learn.factors=true",
                    "average=1",
                    "lora.dropout=0.1",
                    "lora.targets=[q_proj]",
                    "keepZeros=true"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("learn.norms is true, but with weights: blocks all norms learn")
        .hasMessageContaining(
            "lora.dropout is set, but with learn.weights: blocks there are no pairs")
        .hasMessageContaining(
            "learn.factors is true, but with weights: blocks every column learns by itself")
        .hasMessageContaining("average is 1.0: give a share of the steps in [0, 1)")
        .hasMessageContaining("lora.targets is set, but with learn.weights: blocks")
        .hasMessageContaining(
            "keepZeros is true, and learn.weights is set: weights that learn as a whole do not stay"
                + " zero");
    assertThatThrownBy(() -> SmallRounds.settings("learn.vectorRate=0.1"))
        .hasMessageContaining(
            "learn.vectorRate is 0.1, but only pairs learn, which are matrices: set norms or"
                + " factors to true");
    assertThatThrownBy(() -> SmallRounds.settings("learn.norms=true", "learn.vectorRate=0"))
        .hasMessageContaining("learn.vectorRate is 0.0: give a positive factor");
  }

  /** At a constant high rate the weights jump about, and their average is better than the last. */
  @ParameterizedTest
  @ValueSource(strings = {"constant", "linear"})
  void theAverageIsKeptIfItIsBest(String schedule) {
    var ending =
        run(
            folder,
            Progress.silent(),
            "average=0.5",
            "train.schedule=" + schedule,
            "train.learningRate=3e-2");
    var result = ending.result();
    var average = result.average().orElseThrow();
    var last = result.validations().get(result.validations().size() - 1);
    assertThat(average.steps()).isEqualTo(10);
    assertThat(average.losses().step()).isEqualTo(20);
    assertThat(average.kept()).isEqualTo(schedule.equals("constant"));
    assertThat(average.losses().mean() < last.mean()).isEqualTo(average.kept());
    assertThat(result.best().mean()).isLessThanOrEqualTo(average.losses().mean());
    assertThat(loss(ending.weights())).isCloseTo(result.best().mean(), within(1e-4));
    assertThat(result.toJson().at("/average/kept").asBoolean()).isEqualTo(average.kept());
    assertThat(result.toJson().at("/average/meanLoss").asDouble())
        .isEqualTo(average.losses().mean());
  }
}
