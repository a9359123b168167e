package io.lorashear.shape;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.checkpoint.SmallModels;
import io.lorashear.dependency.Groups;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DeciTest {
  private static ModelConfig config(int channels) {
    return SmallModels.llama(
        Collections.nCopies(5, new LayerWidths(4, 2, channels)).toArray(LayerWidths[]::new));
  }

  @Property(tries = 200)
  void whatIsLeftIsWhatItsReadersTake(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 8) int multiple,
      @ForAll @IntRange(min = 2, max = 60) int percent) {
    var model = ShapedModel.of(config(8 * multiple), Shape.DECI, multiple, percent / 100.0);
    var axes = model.axes(seed);
    var plan = model.plan(axes);
    var resized = model.resized(plan);
    assertThat(ShapeChecks.broken(Shape.DECI, multiple, resized)).isEmpty();

    long removed = model.graph().parameterCount() - plan.parameters(model.graph());
    long step = 3L * 16 * multiple; // gate, up and down of one step
    int narrowest = 8 * multiple - (int) Math.floor(0.8 * 8 * multiple);
    boolean finer =
        resized.layers().stream()
            .anyMatch(layer -> layer.hasMlp() && layer.channels() - multiple >= narrowest);
    long attention = axes.get(0).cost() * 2 + 16;
    long least = finer ? step : attention; // the cheapest that could have gone as well
    if (model.budget().remove() <= model.budget().reachable(axes)) {
      assertThat(2 * Math.abs(removed - model.budget().remove())).isLessThanOrEqualTo(least);
    }
    assertThat(model.plan(axes)).isEqualTo(plan);
  }

  /** A budget of just what the least salient of all parts costs takes that part. */
  @Property(tries = 100)
  void widthAndDepthCompetePerParameter(@ForAll long seed) {
    var model = ShapedModel.of(config(16), Shape.DECI, 4, 0.1);
    var axes = model.axes(seed);
    axes.forEach(axis -> Arrays.setAll(axis.scores(), g -> 0.5 + axis.scores()[g]));
    double flat = Arrays.stream(axes.get(2).scores()).average().orElseThrow();
    Arrays.fill(axes.get(2).scores(), 0.3); // of the second layer's heads, below any channel
    assertThat(axes.get(2).axis().name()).isEqualTo("layers.1.attention.kvHeads");
    assertThat(flat).isGreaterThan(0.3);

    long whole = 2 * axes.get(2).cost() + 16; // the norm before it goes too
    var chosen = model.budget().shape().choose(axes, whole, whole);
    assertThat(chosen).isEqualTo(Groups.of(axes.get(2).name(), 0, 1));
  }

  @Test
  void aLayerGoesWholeAndOneWithoutAttentionStaysOne() {
    var model = ShapedModel.of(config(16), Shape.DECI, 16, 0.3);
    var axes = model.axes(3);
    axes.forEach(axis -> Arrays.fill(axis.scores(), 1));
    Arrays.fill(axes.get(4).scores(), 0.1); // attention and MLP of the third layer
    Arrays.fill(axes.get(5).scores(), 0.1);
    Arrays.fill(axes.get(8).scores(), 0.1); // attention of the last
    Arrays.fill(axes.get(0).scores(), 0); // of the first, which stays
    var layers = model.resized(model.plan(axes)).layers();
    assertThat(layers.get(0)).isEqualTo(new LayerWidths(4, 2, 16));
    assertThat(layers.get(2)).isEqualTo(new LayerWidths(0, 0, 0));
    assertThat(layers.get(4)).isEqualTo(new LayerWidths(0, 0, 16));
  }

  @Test
  void protectedPartsStay() {
    var model = ShapedModel.of(config(16), Shape.DECI, 4, 0.3);
    var axes = model.axes(3);
    axes.forEach(axis -> Arrays.fill(axis.scores(), 1));
    Arrays.fill(axes.get(4).scores(), 0);
    Arrays.fill(axes.get(5).scores(), 0);
    var without = axes.stream().filter(axis -> axis != axes.get(4)).toList();
    var layers = model.resized(model.plan(without)).layers();
    assertThat(layers.get(2).attends()).isTrue();
    assertThat(layers.get(2).hasMlp()).isTrue();
    assertThat(layers.get(2).channels()).isLessThan(16);
  }

  @Test
  void whatItsReadersDoNotKnowIsRefused() {
    var fields = config(16).fields().put("attention_bias", true);
    var biased = ShapedModel.of(ModelConfig.parse(fields, "a test"), Shape.DECI, 1, 0.2);
    assertThat(biased.contradictions(List.of(), Set.of()))
        .containsExactly(
            "it takes whole attentions and MLPs out, but here they add a bias of their"
                + " own (model.layers.0.self_attn.o_proj.bias), as no model of that form does:"
                + " choose free or uniform-ffn");
  }
}
