package io.lorashear.device;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ModelRunsTest {

  @AfterEach
  void tellNobody() {
    ModelRuns.tell(text -> {});
  }

  @Test
  void everyKindIsToldOnceAndKeptForEveryRecord() {
    var told = new ArrayList<String>();
    ModelRuns.tell(told::add);
    var narrow = new Running("a GPU (gpu 0)", "bfloat16", "PyTorch 0 of a test");
    var wide = new Running("a GPU (gpu 0)", "float32", "PyTorch 0 of a test");
    int before = ModelRuns.count();
    ModelRuns.begin(narrow);
    ModelRuns.begin(wide);
    ModelRuns.begin(narrow);
    assertThat(told)
        .containsExactly(
            "models run on a GPU (gpu 0) in bfloat16, by PyTorch 0 of a test",
            "models run on a GPU (gpu 0) in float32, by PyTorch 0 of a test");
    assertThat(ModelRuns.since(before)).containsExactly(narrow, wide);
    assertThat(ModelRuns.since(before + 2)).containsExactly(narrow);
    assertThat(ModelRuns.since(before + 3)).isEmpty();
  }

  @Test
  void theCpuIsNamedWithThePyTorchThatComputes() {
    assertThat(Running.of(Device.cpu(), "float32").text())
        .isEqualTo("on cpu in float32, by PyTorch %s of the jars", Natives.release());
  }
}
