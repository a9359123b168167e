package io.lorashear.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.optim.LearningRate.Shape;
import org.junit.jupiter.api.Test;

class LearningRateTest {
  @Test
  void warmsUpAndFalls() {
    var cosine = new LearningRate(2, Shape.COSINE, 4, 12);
    assertThat(cosine.at(0)).isEqualTo(0.5);
    assertThat(cosine.at(3)).isEqualTo(2);
    assertThat(cosine.at(8)).isCloseTo(1, within(1e-12));
    assertThat(cosine.at(12)).isCloseTo(0, within(1e-12));
    assertThat(new LearningRate(2, Shape.LINEAR, 4, 12).at(6)).isEqualTo(1.5);
    assertThat(new LearningRate(2, Shape.CONSTANT, 4, 12).at(11)).isEqualTo(2);
  }

  @Test
  void partsOfAScheduleMeet() {
    for (var shape : Shape.values()) {
      var whole = new LearningRate(2, shape, 0, 20);
      var first = new LearningRate(2, shape, 0, 10, 0, 0.5);
      var second = new LearningRate(2, shape, 0, 10, 0.5, 1);
      for (int n = 0; n < 10; n++) {
        assertThat(first.at(n)).isCloseTo(whole.at(n), within(1e-12));
        assertThat(second.at(n)).isCloseTo(whole.at(10 + n), within(1e-12));
      }
    }
    assertThat(new LearningRate(2, Shape.LINEAR, 2, 12, 0.5, 1).at(0)).isEqualTo(0.5);
  }
}
