package io.lorashear.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.device.PyTorch;
import io.lorashear.torch.kernel.Arithmetic;
import io.lorashear.torch.kernel.Kernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AveragingTest {
  /**
   * One weight of three numbers that AdamW moves along gradients which differ from step to step.
   */
  private static final class Run implements AutoCloseable {
    final NDManager manager = PyTorch.engine().newBaseManager(Device.cpu());
    final NDArray weight = manager.create(new float[] {1, 2, 3}, new Shape(1, 3));
    final Averaging averaging;
    final List<float[]> after = new ArrayList<>();

    Run(long before) {
      Kernels.collectGradients(List.of(weight));
      var adam = new AdamW(manager, Map.of("w", weight), AdamSettings.USUAL);
      averaging = new Averaging(adam, manager, before);
    }

    void step(int number) {
      Kernels.zeroGradients(List.of(weight));
      try (var gradient = weight.getGradient();
          var slopes =
              manager.create(
                  new float[] {number % 3 - 1, 1, (float) Math.sin(number)}, new Shape(1, 3))) {
        gradient.addi(slopes);
      }
      averaging.step(0.1);
      after.add(weight.toFloatArray().clone());
    }

    @Override
    public void close() {
      manager.close();
    }
  }

  @Test
  void theWeightsBecomeTheMeanOfThoseAfterTheLastSteps() {
    try (var run = new Run(6)) {
      for (int i = 0; i < 10; i++) {
        assertThat(run.averaging.steps()).isEqualTo(Math.max(0, i - 6));
        run.step(i);
      }
      run.averaging.put();
      var mean = run.weight.toFloatArray();
      for (int k = 0; k < 3; k++) {
        double sum = 0;
        for (var each : run.after.subList(6, 10)) {
          sum += each[k];
        }
        assertThat((double) mean[k]).isCloseTo(sum / 4, within(1e-6));
      }
    }
  }

  @Test
  void aResumedMeanHasTheSameBits() {
    for (int stop : new int[] {3, 8}) { // before the first averaged step and after it
      try (var whole = new Run(6);
          var killed = new Run(6);
          var resumed = new Run(6)) {
        for (int i = 0; i < 10; i++) {
          whole.step(i);
        }
        for (int i = 0; i < stop; i++) {
          killed.step(i);
        }
        var values = killed.averaging.values();
        resumed.averaging.expect(values);
        var saved = new LinkedHashMap<>(killed.averaging.arrays());
        var into = resumed.averaging.arrays();
        assertThat(into.keySet()).isEqualTo(saved.keySet());
        Arithmetic.copy(List.copyOf(into.values()), List.copyOf(saved.values()));
        resumed.averaging.restore(values);
        for (int i = stop; i < 10; i++) {
          resumed.step(i);
        }
        whole.averaging.put();
        resumed.averaging.put();
        assertThat(resumed.weight.toFloatArray()).isEqualTo(whole.weight.toFloatArray());
      }
    }
  }

  @Test
  void nothingIsPutWhereNothingWasAveraged() {
    try (var run = new Run(6)) {
      run.step(0);
      assertThatThrownBy(run.averaging::put).hasMessage("no step was averaged");
    }
  }
}
