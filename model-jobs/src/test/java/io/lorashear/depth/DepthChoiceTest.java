package io.lorashear.depth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.depth.DepthSettings.Rest;
import io.lorashear.depth.DepthSettings.What;
import io.lorashear.family.Family;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.GraphReplay;
import io.lorashear.shape.Shape;
import io.lorashear.shape.ShapeChecks;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DepthChoiceTest {
  private static final int LAYERS = 6;
  private static final int ATTENTION = 2 * 16 * 16 + 2 * 16 * 8 + 16; // q, o; k, v; norm
  private static final int MLP = 3 * 16 * 24 + 16; // gate, up, down; norm

  private static final ModelConfig CONFIG =
      SmallModels.llama(
          Collections.nCopies(LAYERS, new LayerWidths(4, 2, 24)).toArray(LayerWidths[]::new));
  private static final PruningSpace SPACE = PruningSpace.of(Family.of(CONFIG).trace(CONFIG));
  private static final long TOTAL = SPACE.graph().parameterCount();

  private static DepthChoice choice(What what, boolean deci, String... kept) {
    return DepthChoice.of(SPACE, what, Set.of(kept), deci);
  }

  private static List<String> names(DepthChoice choice, List<Integer> taken) {
    return taken.stream().map(g -> choice.groups().get(g).name()).toList();
  }

  private static List<LayerWidths> left(DepthChoice choice, List<Integer> taken) {
    var plan = new WidthPlan(choice.removed(taken));
    return Family.of(CONFIG)
        .resized(CONFIG, GraphReplay.resized(SPACE.graph(), plan).graph())
        .layers();
  }

  /** Costs counted by hand; every other number of blocks is further from the budget. */
  @Property(tries = 60)
  void theLeastInfluentialBlocksComeNearestToTheBudget(
      @ForAll long seed, @ForAll @IntRange(min = 80, max = 700) int thousandth) {
    long remove = thousandth * TOTAL / 1000;
    var influence = new Random(seed).doubles(LAYERS).toArray();
    var choice = choice(What.BLOCKS, false);
    var sorted =
        IntStream.range(0, LAYERS)
            .boxed()
            .sorted((a, b) -> Double.compare(influence[a], influence[b]));
    long block = ATTENTION + MLP;
    int wanted = Math.min(LAYERS - 1, (int) ((2 * remove + block - 1) / (2 * block)));

    var taken = choice.take(influence, remove, Rest.STAYS);
    assertThat(taken).isEqualTo(sorted.limit(wanted).toList());
    assertThat(choice.cost(taken)).isEqualTo(wanted * block);
    var layers = left(choice, taken);
    for (int i = 0; i < LAYERS; i++) {
      assertThat(layers.get(i))
          .isEqualTo(taken.contains(i) ? new LayerWidths(0, 0, 0) : new LayerWidths(4, 2, 24));
    }
  }

  @Property(tries = 60)
  void attentionsAndMlpsGoByInfluenceAlone(
      @ForAll long seed, @ForAll @IntRange(min = 50, max = 600) int thousandth) {
    long remove = thousandth * TOTAL / 1000;
    var influence = new Random(seed).doubles(2 * LAYERS).toArray();
    var choice = choice(What.SUBLAYERS, false);
    var taken = choice.take(influence, remove, Rest.STAYS);
    for (int g = 0; g < influence.length; g++) {
      for (int other : taken) {
        assertThat(taken.contains(g) || influence[other] <= influence[g]).isTrue();
      }
    }
    long cost = taken.stream().mapToLong(g -> g % 2 == 0 ? ATTENTION : MLP).sum();
    assertThat(choice.cost(taken)).isEqualTo(cost);
    assertThat(2 * Math.abs(cost - remove)).isLessThanOrEqualTo(MLP);
  }

  @Property(tries = 60)
  void theShapeDeciIsKept(
      @ForAll long seed,
      @ForAll What what,
      @ForAll @IntRange(min = 100, max = 450) int thousandth) {
    var choice = choice(what, true);
    var influence = new Random(seed).doubles(choice.groups().size()).toArray();
    var plan =
        new WidthPlan(
            choice.removed(choice.take(influence, thousandth * TOTAL / 1000, Rest.STAYS)));
    var smaller = GraphReplay.resized(SPACE.graph(), plan).graph();
    assertThat(ShapeChecks.broken(Shape.DECI, 1, Family.of(CONFIG).resized(CONFIG, smaller)))
        .isEmpty();
  }

  @Test
  void anMlpWaitsForItsAttention() {
    var influence = new double[2 * LAYERS];
    Arrays.setAll(influence, g -> 10 + g);
    influence[5] = 0; // the third layer's MLP
    influence[4] = 1; // its attention
    influence[0] = 0.5; // the first layer's attention, which stays
    var choice = choice(What.SUBLAYERS, true);
    assertThat(names(choice, choice.take(influence, ATTENTION + MLP, Rest.STAYS)))
        .containsExactly("layers.2.attention", "layers.2.mlp");
    assertThat(names(choice, choice.order(influence)))
        .hasSize(2 * LAYERS - 3)
        .doesNotContain("layers.0.attention", "layers.0.mlp", "layers.5.mlp");
  }

  @Test
  void whatIsProtectedStaysWhole() {
    var influence = new double[] {5, 4, 3, 2};
    var choice = choice(What.BLOCKS, false, "layers.1.attention.kvHeads", "layers.3.mlp.channels");
    assertThat(names(choice, choice.order(influence)))
        .containsExactly("layers.5", "layers.4", "layers.2", "layers.0");
  }

  @Test
  void oneBlockStaysWhateverTheBudget() {
    var choice = choice(What.BLOCKS, false);
    var influence = new double[] {1, 2, 9, 3, 4, 5};
    assertThat(names(choice, choice.order(influence)))
        .containsExactly("layers.0", "layers.1", "layers.3", "layers.4", "layers.5");
  }

  @Test
  void aRatioOutOfReachIsRefusedWithTheLargest() {
    long most = (LAYERS - 2) * (ATTENTION + MLP);
    assertThatThrownBy(() -> choice(What.BLOCKS, true).requireReach(0.8))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "ratio is 0.8 of %d parameters, but the 4 parts of the depth that may go in the shape"
                    .formatted(TOTAL)
                + " deci hold only %d of them: the largest ratio that can be reached is %s. Lower"
                    .formatted(most, Math.floor(1e4 * most / TOTAL) / 1e4)
                + " the ratio, or protect fewer axes");
    choice(What.BLOCKS, true).requireReach(0.5);
    choice(What.BLOCKS, false).requireReach(0.75);
  }

  @Test
  void aBudgetOfLessThanHalfABlockIsRefused() {
    var influence = new double[] {1, 2, 9, 3, 0.5, 5};
    long block = ATTENTION + MLP;
    assertThatThrownBy(() -> choice(What.BLOCKS, false).take(influence, block / 3, Rest.STAYS))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%d of %d parameters are to go, but layers.4, which is least influential, alone has %d,"
                    .formatted(block / 3, TOTAL, block)
                + " more than twice as many: raise the ratio to %s, choose another method, or let"
                    .formatted(Math.ceil(1e4 * block / TOTAL) / 1e4)
                + " the rest go by width (depth.rest: width)");
  }

  @Test
  void whatWidthIsToMeetStaysBelowTheBudget() {
    var influence = new double[] {1, 2, 9, 3, 0.5, 5};
    long block = ATTENTION + MLP;
    var choice = choice(What.BLOCKS, false);
    assertThat(names(choice, choice.take(influence, 2 * block - 1, Rest.WIDTH)))
        .containsExactly("layers.4");
    assertThat(names(choice, choice.take(influence, 2 * block, Rest.WIDTH)))
        .containsExactly("layers.4", "layers.0");
    assertThat(choice.take(influence, block - 1, Rest.WIDTH)).isEmpty();
  }
}
