package io.lorashear.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.lorashear.device.PyTorch;
import io.lorashear.method.PruneSettings;
import io.lorashear.plan.PlannedWork;
import io.lorashear.plan.StagePlan;
import io.lorashear.plan.Work;
import io.lorashear.settings.Overrides;
import io.lorashear.settings.Settings;
import io.lorashear.train.TinyModel;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class DeviceMemoryTest {
  /** As PyTorch 2.7 says it. */
  private static final String CUDA =
      "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.15 GiB of"
          + " which 3.06 MiB is free. Including non-PyTorch memory, this process has 79.14 GiB"
          + " memory in use.";

  private static Work work(String... train) {
    var settings =
        Settings.defaults(
            PruneSettings.class,
            Overrides.implied(List.of("checkpoint=any", "corpus=any", "output=any"))
                .and(Overrides.given(List.of(train))));
    return new PlannedWork(16, 1, OptionalLong.empty()).prune(TinyModel.graph(), settings);
  }

  /** 2^45 floats: more than addresses on any machine. */
  private static NDArray tooMuch() {
    try (var scope = PyTorch.engine().newBaseManager(Device.cpu())) {
      return scope.zeros(new Shape(1L << 45));
    }
  }

  @Test
  void whatPyTorchSaysOfItIsKnown() {
    assertThatThrownBy(DeviceMemoryTest::tooMuch)
        .satisfies(
            real ->
                assertThat(DeviceMemory.told(real).orElse(real.toString()))
                    .matches(
                        "the device's memory ran out \\(DefaultCPUAllocator: .*you tried to"
                            + " allocate 140737488355328 bytes\\): lorashear plan computes what a"
                            + " stage needs and what needs less"));
    assertThat(DeviceMemory.told(new IllegalStateException(new EngineException(CUDA))))
        .contains(
            "the device's memory ran out (CUDA out of memory. Tried to allocate 2.00 GiB):"
                + " lorashear plan computes what a stage needs and what needs less");
    assertThat(DeviceMemory.told(new EngineException("CUDA error: an illegal access"))).isEmpty();
  }

  @Test
  void aStageEndsWithItsPlanAndTheSettingThatHelps() {
    assertThatThrownBy(
            () -> DeviceMemory.during(Device.cpu(), () -> work("train.rows=4"), () -> tooMuch()))
        .hasMessageMatching(
            "the device's memory ran out \\(DefaultCPUAllocator: .*\\): lorashear plan computes a"
                + " peak of [\\d.]+ MB; with --set train.rows=1 --set train.accumulate=4 it takes"
                + " [\\d.]+ MB");
  }

  @Test
  void anotherFailureStaysWhatItIs() {
    var failure = new EngineException("CUDA error: an illegal access");
    assertThatThrownBy(
            () ->
                DeviceMemory.during(
                    Device.cpu(),
                    DeviceMemoryTest::work,
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
  }

  @Test
  void aDeviceThatWouldHoldItIsSharedWithSomethingElse() {
    assertThat(StagePlan.shortage(work(), 80_000_000_000L))
        .matches(
            "lorashear plan computes a peak of [\\d.]+ MB, and it has 80.0 GB: something else uses"
                + " its memory, nvidia-smi shows what");
    assertThat(StagePlan.shortage(work(), 1))
        .endsWith(", and no setting brings it below 1 bytes: take a larger device");
  }
}
