package io.lorashear.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.adapt.AdapterSettings;
import io.lorashear.method.PruneSettings;
import io.lorashear.recover.RecoverSettings;
import io.lorashear.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShippedSettingsTest {
  private static Path conf(String name) {
    var here = Path.of("conf", name);
    return Files.exists(here) ? here : Path.of("..").resolve(here);
  }

  @Test
  void theShippedFilesAreUnderstood() {
    var prune =
        Settings.load(PruneSettings.class, conf("prune/smollm2-135m.yaml"), List.of("ratio=0.3"));
    assertThat(prune.ratio()).isEqualTo(0.3);
    assertThat(prune.lhspg().steps()).isEqualTo(64);
    var analyze =
        Settings.load(AnalyzeSettings.class, conf("analyze/smollm2-135m.yaml"), List.of());
    assertThat(prune.profile()).contains(analyze.output());
    var recover =
        Settings.load(RecoverSettings.class, conf("recover/smollm2-135m.yaml"), List.of());
    assertThat(recover.checkpoint()).isEqualTo(prune.output());
    var lora = Settings.load(AdapterSettings.class, conf("lora/smollm2-135m.yaml"), List.of());
    assertThat(lora.checkpoint()).isEqualTo(prune.output());
  }

  @ParameterizedTest
  @EnumSource(Recipe.class)
  void recipesAreUnderstood(Recipe recipe) {
    var prune = Settings.load(PruneSettings.class, conf("prune/smollm2-135m.yaml"), recipe.prune());
    assertThat(prune.saliency().fisher()).isEqualTo(recipe == Recipe.BEST ? 1 : 0);
    assertThat(prune.saliency().cosine()).isEqualTo(recipe == Recipe.PAPER ? 0.2 : 0);
    assertThat(prune.compensation().wanted()).isEqualTo(recipe == Recipe.BEST);
    Settings.load(RecoverSettings.class, conf("recover/smollm2-135m.yaml"), recipe.recover());
    assertThat(recipe.line()).hasSize(recipe.prune().size() + recipe.recover().size());
  }

  @Test
  void impossibleValuesAreAllTold() {
    var file = conf("prune/smollm2-135m.yaml");
    assertThatThrownBy(
            () ->
                Settings.load(
                    PruneSettings.class,
                    file,
                    List.of("ratio=20", "lhspg.periods=0", "lhspg.epsilon=1")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("3 problems")
        .hasMessageContaining("give a share of all parameters between 0 and 1, for example 0.2")
        .hasMessageContaining("at least one period is needed")
        .hasMessageContaining("epsilon is 1.0: give a number in [0, 1)");
  }
}
