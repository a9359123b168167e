package io.lorashear.spark.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.family.ModelConfig;
import io.lorashear.prune.Recipe;
import io.lorashear.settings.Overrides;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanTest {
  private static final String UNREAD =
      "analyze                              not measured: nothing reads it (profile: true makes"
          + " it)";
  private static final Path SHAPE = Path.of("../conf/pipeline/llama-7b.config.json");

  private static PipelineSettings line(List<String> recipe, String... overrides) {
    var all = new ArrayList<>(recipe);
    all.addAll(List.of(overrides));
    var yaml = Path.of("../conf/pipeline/smollm2-135m.yaml");
    return new PipelineFile(yaml, Overrides.given(all)).load();
  }

  private static String dry(PipelineSettings line) {
    return Plan.after(List.of(), line);
  }

  private static String planned(PipelineSettings line) {
    return LinePlan.of(line, ModelConfig.parse(JsonFile.read(SHAPE), "shape"), 0.5);
  }

  @Test
  void aProfileThatNothingReadsIsNotMeasured() {
    var best = line(Recipe.BEST.line());
    assertThat(best.analyzes()).isFalse();
    assertThat(best.prune().profile()).isEmpty();
    assertThat(dry(best).lines()).contains(UNREAD);
    assertThat(planned(best)).containsPattern("(?m)^analyze +not measured: nothing reads it");
  }

  @Test
  void aProfileIsMeasuredWherePruningReadsItOrTheUserDoes() {
    var asked = line(Recipe.BEST.line(), "profile=true");
    assertThat(asked.analyzes()).isTrue();
    assertThat(asked.prune().profile()).isEmpty(); // pruning stays independent of it
    assertThat(dry(asked)).doesNotContain("not measured").containsPattern("(?m)^analyze +to be");
    for (var read : List.of("prune.unprunable=0.2", "prune.profileAs=budget")) {
      var line = line(List.of("prune.unprunable=0"), "work=w");
      assertThat(line.analyzes()).isFalse();
      line = line(List.of(), "work=w", read);
      assertThat(line.analyzes()).isTrue();
      assertThat(line.prune().profile()).contains(Path.of("w/profile"));
      assertThat(planned(line)).doesNotContain("not measured");
    }
  }

  @Test
  void theCeilingIsPlannedWhereItIsWanted() {
    assertThat(dry(line(List.of()))).doesNotContain("ceiling");
    assertThat(planned(line(List.of()))).doesNotContain("ceiling");
    var ceiling = line(List.of(), "ceiling=true", "work=w", "rounds=2");
    assertThat(dry(ceiling).lines().filter(line -> line.startsWith("ceiling")))
        .containsExactly(
            "ceiling round-0                      to be done    w/ceiling/round-0",
            "ceiling round-1                      to be done    w/ceiling/round-1",
            "ceiling instruct                     to be done    w/ceiling/instruct");
    assertThat(planned(ceiling).lines().map(line -> line.replaceFirst("  .*", "")))
        .contains(
            "perplexity, dense, ceiling",
            "recover, a round",
            "ceiling, a round",
            "ceiling, instructions",
            "evaluate, dense, ceiling");
  }
}
