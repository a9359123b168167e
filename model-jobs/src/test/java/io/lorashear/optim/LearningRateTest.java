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
}
