package io.lorashear.contest;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.method.Method;
import io.lorashear.method.PruneSettings;
import io.lorashear.prune.Recipe;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ShippedContestTest {
  private static ContestFile shipped(String name) {
    var here = Path.of("conf/contest", name);
    return new ContestFile(
        Files.exists(here) ? here : Path.of("..").resolve(here), Overrides.none());
  }

  /** The row that all others change is what the recipe would be. */
  @Test
  void theAblationBeginsWithTheBestRecipe() {
    var file = shipped("ablation-smollm2-135m.yaml");
    var contest = file.load();
    var recipe = file.with(contest, new Cell("recipe", 0.2, 1));
    var best =
        Settings.defaults(
            PruneSettings.class,
            Stream.concat(
                    Recipe.BEST.prune().stream(),
                    Stream.of("checkpoint=x", "corpus=x", "output=x", "rows=25", "ratio=0.2"))
                .toList());
    assertThat(Settings.canonical(recipe.prune())).isEqualTo(Settings.canonical(best));
    var alone = file.with(contest, new Cell("rank-32", 0.2, 1));
    assertThat(alone.prune()).isEqualTo(recipe.prune());
    assertThat(alone.recover().lora().rank()).isEqualTo(32);
  }

  @Test
  void everyMethodHasARow() {
    var file = shipped("smollm2-135m.yaml");
    var contest = file.load();
    var methods = EnumSet.noneOf(Method.class);
    for (var cell : Contest.first(contest)) {
      methods.add(file.with(contest, cell).prune().method());
    }
    assertThat(methods).isEqualTo(EnumSet.allOf(Method.class));
    assertThat(contest.evaluate().limit()).isEqualTo(100);
    assertThat(contest.instruct().sources()).containsExactly("alpaca");
  }
}
