package io.lorashear.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.InputException;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.graph.Widths;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.train.TinyModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LayerMasksTest {
  private static final PruningSpace SPACE = PruningSpace.of(TinyModel.graph());

  private static List<AxisWeights> axes() {
    return SPACE.prunable(PruningSpace.STRUCTURES).stream()
        .map(axis -> new AxisWeights(axis, SPACE.cost(axis.axis(), Widths.TRACED), List.of()))
        .toList();
  }

  /** Against differences of a function of f that is linear nowhere. */
  @Test
  void gradientsAreThoseOfTheProduct() {
    var layers = LayerMasks.of(SPACE, axes(), 1, Long.MAX_VALUE);
    var random = new Random(4);
    var factors = new ArrayList<double[]>();
    axes().forEach(axis -> factors.add(random.doubles(axis.size(), 0.1, 1).toArray()));
    factors.add(random.doubles(2, 0.1, 1).toArray());
    var f = layers.together(factors);
    assertThat(f).hasSize(4);
    assertThat(f.get(0)[1]).isEqualTo(factors.get(4)[0] * factors.get(0)[1]);
    assertThat(f.get(3)[5]).isEqualTo(factors.get(4)[1] * factors.get(3)[5]);
    var slopes = new ArrayList<double[]>();
    for (int i = 0; i < f.size(); i++) {
      var each = new double[f.get(i).length];
      for (int g = 0; g < each.length; g++) {
        each[g] = Math.cos(f.get(i)[g] + i + g);
      }
      slopes.add(each);
    }
    var gradients = layers.apart(slopes, factors);
    assertThat(gradients).hasSize(5);
    double step = 1e-6;
    for (int i = 0; i < factors.size(); i++) {
      for (int g = 0; g < factors.get(i).length; g++) {
        double before = factors.get(i)[g];
        factors.get(i)[g] = before + step;
        double above = value(layers.together(factors));
        factors.get(i)[g] = before - step;
        double slope = (above - value(layers.together(factors))) / (2 * step);
        factors.get(i)[g] = before;
        assertThat(gradients.get(i)[g]).isCloseTo(slope, within(1e-6));
      }
    }
  }

  private static double value(List<double[]> f) {
    double value = 0;
    for (int i = 0; i < f.size(); i++) {
      for (int g = 0; g < f.get(i).length; g++) {
        value += Math.sin(f.get(i)[g] + i + g);
      }
    }
    return value;
  }

  @Test
  void withoutMasksOnLayersNothingChanges() {
    var factors = List.of(new double[] {0.5, 1});
    assertThat(LayerMasks.NONE.together(factors).get(0)).containsExactly(0.5, 1);
    assertThat(LayerMasks.NONE.apart(factors, factors)).hasSize(1);
    assertThat(LayerMasks.of(SPACE, axes(), 0, 1)).isSameAs(LayerMasks.NONE);
  }

  @Test
  void theLeastGo() {
    var layers = LayerMasks.of(SPACE, axes(), 1, Long.MAX_VALUE);
    assertThat(layers.least(new double[] {0.3, 0.2})).containsExactly(1);
    assertThat(layers.groups(new int[] {1}).axes())
        .containsExactly("layers.1.attention.kvHeads", "layers.1.mlp.channels");
    // q, o of 16 x 16, k, v of 8 x 16, three matrices of 12 x 16, two norms of 16
    assertThat(layers.cost(new int[] {1}))
        .isEqualTo(2 * 16 * 16 + 2 * 8 * 16 + 3 * 12 * 16 + 2 * 16);
  }

  @Test
  void whatCannotStayIsTold() {
    assertThatThrownBy(() -> LayerMasks.of(SPACE, axes(), 2, 5000))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "sheared.layers is 2, but the model has 2 layers, of which 2 may go (all groups of such"
                + " a layer have masks, none is protected): give a number from 1 to 1");
    assertThatThrownBy(() -> LayerMasks.of(SPACE, axes().subList(1, 4), 1, 100))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "sheared.layers is 1, but the 1 layers that go then may hold 1376 parameters, more than"
                + " the 100 that are to go: raise the ratio, or let more layers stay");
  }
}
