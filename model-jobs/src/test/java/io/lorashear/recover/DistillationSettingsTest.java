package io.lorashear.recover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.lorashear.InputException;
import io.lorashear.run.Progress;
import io.lorashear.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DistillationSettingsTest {
  private static RecoverSettings settings(String... more) {
    var values = new ArrayList<>(List.of("checkpoint=pruned", "corpus=corpus", "output=recovered"));
    values.addAll(List.of(more));
    return Settings.defaults(RecoverSettings.class, values);
  }

  @Test
  void nothingIsLearntFromATeacherUnlessAsked() {
    assertThat(settings().distillation()).isEqualTo(DistillationSettings.NONE);
  }

  @Test
  void everyMistakeIsTold() {
    assertThatThrownBy(
            () -> settings("distillation.weight=1.5", "distillation.temperature=0", "rows=0"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("rows is 0")
        .hasMessageContaining("distillation.weight is 1.5: give a share of the loss in [0, 1]")
        .hasMessageContaining(
            "distillation.temperature is 0.0: give a positive number, for example 1")
        .hasMessageContaining(
            "distillation.weight is 1.5, but there is no teacher: name a loss report of the dense"
                + " model that keeps its likeliest tokens (perplexity with keepTop), or give the"
                + " model as checkpoint");
  }

  @Test
  void aTeacherWithoutWeightIsNamed() {
    var settings = settings("distillation.teacher=losses/dense");
    assertThatThrownBy(() -> RecoverStage.run(settings, false, Device.cpu(), Progress.silent()))
        .isInstanceOf(InputException.class)
        .hasMessage(
            """
            distillation.teacher is losses/dense, but nothing is learnt from it: give \
            distillation.weight, for example 0.5
            pruned does not exist: give a Hugging Face directory (config.json, model.safetensors, \
            tokenizer.json) or a .gguf file
            corpus does not exist: check the path, or run tokenize, which writes it
            losses/dense does not exist: check the path, or run perplexity with keepTop, which \
            writes it\
            """);
  }
}
