package io.lorashear.torch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.lorashear.torch.engine.HostArrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KernelsTest {
  private static final double RATE = 0.01;
  private static final double DECAY = 0.1;

  private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void adamWFollowsItsEquationsElementByElement() {
    var x = parameter(new float[] {1, -2, 3, -4}, new float[] {0.5f, -0.25f, 2, 0});
    var m = manager.zeros(x.getShape());
    var v = manager.zeros(x.getShape());
    var steps = manager.zeros(new Shape(2, 1));
    var expected = new Reference(new double[] {1, -2, 3, -4});

    for (int step = 1; step <= 3; step++) {
      Kernels.adamW(
          List.of(x), List.of(m), List.of(v), List.of(steps), RATE, 0.9, 0.95, 1e-8, DECAY);
      expected.step(new double[] {0.5, -0.25, 2, 0}, step);
      for (int i = 0; i < 4; i++) {
        assertThat((double) x.toFloatArray()[i]).isCloseTo(expected.x[i], within(1e-6));
      }
    }
    assertThat(steps.toFloatArray()).containsExactly(3, 3);
  }

  @Test
  void aRowWhoseStateIsClearedStartsAgainAlone() {
    var x = parameter(new float[] {1, 1, 1, 1}, new float[] {1, 1, 1, 1});
    var m = manager.create(new float[] {0, 0, 0.5f, 0.5f}, new Shape(2, 2));
    var v = manager.create(new float[] {0, 0, 0.25f, 0.25f}, new Shape(2, 2));
    var steps = manager.create(new float[] {0, 7}, new Shape(2, 1));

    Kernels.adamW(List.of(x), List.of(m), List.of(v), List.of(steps), RATE, 0.9, 0.95, 1e-8, 0);

    // A first step goes exactly one learning rate against the sign of the gradient.
    assertThat(x.toFloatArray()[0]).isCloseTo(0.99f, within(1e-6f));
    double first = (0.9 * 0.5 + 0.1) / (1 - Math.pow(0.9, 8));
    double second = (0.95 * 0.25 + 0.05) / (1 - Math.pow(0.95, 8));
    double other = 1 - RATE * first / Math.sqrt(second);
    assertThat((double) x.toFloatArray()[2]).isCloseTo(other, within(1e-6));
    assertThat(steps.toFloatArray()).containsExactly(1, 8);
  }

  @Test
  void clippingScalesAllGradientsTogether() {
    var x = parameter(new float[] {0, 0}, new float[] {3, 0});
    var y = parameter(new float[] {0, 0}, new float[] {0, 4});

    assertThat(number(Kernels.clipGradients(manager, List.of(x, y), 10)))
        .isEqualTo(5, within(1e-6f));
    assertThat(number(Kernels.clipGradients(manager, List.of(x, y), 1)))
        .isEqualTo(5, within(1e-6f));
    assertThat(x.getGradient().toFloatArray())
        .containsExactly(new float[] {0.6f, 0}, within(1e-6f));
    assertThat(number(Kernels.gradientNorm(manager, List.of(x, y)))).isEqualTo(1, within(1e-6f));

    Kernels.zeroGradients(List.of(x, y));
    assertThat(number(Kernels.gradientNorm(manager, List.of(x, y)))).isZero();
  }

  @Test
  void kernelsLeaveNoArrayBehind() {
    var x = parameter(new float[] {0, 0}, new float[] {3, 0});
    int before = manager.getManagedArrays().size();
    Kernels.clipGradients(manager, List.of(x), 1).close();
    Kernels.zeroGradients(List.of(x));
    assertThat(manager.getManagedArrays()).hasSize(before);
  }

  private static float number(NDArray array) {
    return HostArrays.number(array);
  }

  private NDArray parameter(float[] values, float[] gradient) {
    var shape = values.length == 4 ? new Shape(2, 2) : new Shape(values.length);
    var x = manager.create(values, shape);
    Kernels.collectGradients(List.of(x));
    try (var g = x.getGradient()) {
      g.addi(manager.create(gradient, shape));
    }
    return x;
  }

  /** AdamW on plain numbers. */
  private static final class Reference {
    final double[] x;
    private final double[] m;
    private final double[] v;

    Reference(double[] x) {
      this.x = x;
      this.m = new double[x.length];
      this.v = new double[x.length];
    }

    void step(double[] g, int n) {
      for (int i = 0; i < x.length; i++) {
        x[i] -= RATE * DECAY * x[i];
        m[i] = 0.9 * m[i] + 0.1 * g[i];
        v[i] = 0.95 * v[i] + 0.05 * g[i] * g[i];
        double unbiased = v[i] / (1 - Math.pow(0.95, n));
        x[i] -= RATE * (m[i] / (1 - Math.pow(0.9, n))) / (Math.sqrt(unbiased) + 1e-8);
      }
    }
  }
}
