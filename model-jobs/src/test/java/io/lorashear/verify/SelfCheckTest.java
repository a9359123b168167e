package io.lorashear.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfCheckTest {
  private static final Rounding EXACT = new Rounding(0, 0, 0, 1e-6);
  private static final String NAME = "model.layers.1.mlp.up_proj.weight";

  @TempDir Path folder;
  private final ModelConfig config = SmallModels.uneven();
  private final TensorSource tensors = SmallModels.weights(config, 3);

  @BeforeEach
  void write() {
    CheckpointWriter.write(folder.resolve("model"), config, tensors, List.of());
  }

  /** With number 7 of one tensor multiplied. */
  private Readback.Weights written(ModelConfig as, double factor) {
    var changed = new InMemoryTensors();
    for (var info : tensors.tensors().values()) {
      var numbers = tensors.floats(info.name());
      if (info.name().equals(NAME)) {
        numbers[7] *= (float) factor;
      }
      changed.put(info.name(), numbers, info.shape());
    }
    return new Readback.Weights(Family.of(as).trace(as), changed, Optional.empty());
  }

  private String check(Readback written, Rounding rounding) {
    try (var model = Checkpoint.open(folder.resolve("model"))) {
      return SelfCheck.require(model, written, rounding);
    }
  }

  @Test
  void theSameModelAgrees() {
    assertThat(check(written(config, 1), EXACT))
        .isEqualTo(
            "read again: weights within their type's rounding; with them logits of 3 texts differ"
                + " by at most 0.0e+00 of their spread (allowed are 1.0e-06)");
  }

  @Test
  void aWeightBeyondItsRoundingIsNamedWithItsPlace() {
    var half = new Rounding(0x1p-11, 0, 0, 0.1);
    assertThat(check(written(config, 1 + 0x1p-12), half)).startsWith("read again");
    assertThatThrownBy(() -> check(written(config, 1 + 0x1p-10), half))
        .hasMessageStartingWith(
            "nothing was published, because what was written says something else than the model: "
                + NAME
                + " has ")
        .hasMessageContaining(" as its number 7, and rounding allows ");
  }

  @Test
  void aNumberThatGrewInfiniteIsFound() {
    assertThatThrownBy(
            () -> check(written(config, Double.POSITIVE_INFINITY), new Rounding(1, 1, 1, 1)))
        .hasMessageContaining(NAME + " has ")
        .hasMessageContaining("Infinity in the place of ");
  }

  @Test
  void theSameWeightsUnderAnotherConfigurationAreFound() {
    var fields = config.fields().deepCopy().put("rms_norm_eps", 0.3);
    var other = new ModelConfig(fields, config.layers(), "other");
    assertThatThrownBy(() -> check(written(other, 1), EXACT))
        .hasMessageContaining("logits at position 1 of text 1 differ by ")
        .hasMessageContaining(" of their spread, and 1.0e-06 are allowed");
  }

  /** However much its logits move by it. */
  @Test
  void whatACoarseTypeDoesToLogitsIsNoFaultAndAnotherConfigurationIs() {
    var coarse = new Rounding(0, 0, 2, 1);
    assertThat(check(written(config, -1), coarse)).startsWith("read again: weights within");
    var fields = config.fields().deepCopy().put("rms_norm_eps", 0.3);
    var other = new ModelConfig(fields, config.layers(), "other");
    assertThatThrownBy(() -> check(written(other, -1), coarse))
        .hasMessageContaining(" of their spread, and 0.0010 are allowed");
  }
}
