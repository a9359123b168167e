package io.lorashear.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.device.PyTorch;
import io.lorashear.settings.Settings;
import io.lorashear.torch.kernel.Kernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AdamSettingsTest {
  private static AdamSettings of(String... given) {
    return Settings.defaults(AdamSettings.class, List.of(given));
  }

  /** Whatever the tokens of a step, half is forgotten after the half-life. */
  @Property
  void halfIsForgottenAfterTheHalfLife(
      @ForAll @IntRange(min = 1, max = 1000) int steps,
      @ForAll @IntRange(min = 1, max = 65536) int tokens) {
    var settings = of("beta2HalfLife=" + (long) steps * tokens).at(tokens);
    assertThat(Math.pow(settings.beta2(), steps)).isCloseTo(0.5, within(1e-9));
    assertThat(settings.beta2HalfLife()).isZero();
  }

  /** β₂ = 0.999 at the batch of arXiv 2507.07101's rule β₂′ = β₂^(B′/B). */
  @Test
  void aSmallerStepForgetsLess() {
    double large = of("beta2HalfLife=1000000").at(65536).beta2();
    double small = of("beta2HalfLife=1000000").at(256).beta2();
    assertThat(small).isCloseTo(Math.pow(large, 256.0 / 65536), within(1e-12));
    assertThat(of().at(256)).isEqualTo(AdamSettings.USUAL);
  }

  @Test
  void halfLivesThatSayNothingAreRefused() {
    assertThatThrownBy(() -> of("beta2HalfLife=1000", "beta2=0.95"))
        .hasMessageContaining(
            "beta2HalfLife is 1000, and beta2 is 0.95: give one of them, beta2 follows from the"
                + " half-life");
    assertThatThrownBy(() -> of("beta2HalfLife=-1"))
        .hasMessageContaining("beta2HalfLife is -1: give a number of tokens");
    try (var manager = NDManager.newBaseManager()) {
      assertThatThrownBy(() -> new AdamW(manager, Map.of(), of("beta2HalfLife=1000")))
          .hasMessageContaining("beta2 depends on a step's tokens");
    }
  }

  /** The first step is one rate long in the direction of the gradient, here −1. */
  @Test
  void vectorsDoNotDecayAndHaveTheirOwnRate() {
    try (var manager = PyTorch.engine().newBaseManager(Device.cpu())) {
      var matrix = manager.create(new float[] {2}, new Shape(1, 1));
      var vector = manager.create(new float[] {2}, new Shape(1));
      Kernels.collectGradients(List.of(matrix, vector));
      for (var weight : List.of(matrix, vector)) {
        try (NDArray gradient = weight.getGradient()) {
          gradient.addi(1);
        }
      }
      var weights = new LinkedHashMap<String, NDArray>();
      weights.put("matrix", matrix);
      weights.put("vector", vector);
      new AdamW(manager, weights, new AdamSettings(0.9, 0.999, 1e-12, 0.5), Set.of("vector"), 0.1)
          .step(0.01);
      assertThat(matrix.getFloat(0, 0)).isCloseTo(2 - 0.01f * 0.5f * 2 - 0.01f, within(1e-6f));
      assertThat(vector.getFloat(0)).isCloseTo(2 - 0.001f, within(1e-6f));
    }
  }
}
