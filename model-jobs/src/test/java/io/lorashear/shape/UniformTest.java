package io.lorashear.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.lorashear.checkpoint.SmallModels;
import io.lorashear.compress.WidthPlan;
import io.lorashear.dependency.Groups;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.AxisRole;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class UniformTest {
  /** Residual stream of 16, heads of 4; 8 heads on 4, so that 1, 2 and 4 pairs divide it. */
  private static ModelConfig config(int channels) {
    return SmallModels.llama(
        Collections.nCopies(3, new LayerWidths(8, 4, channels)).toArray(LayerWidths[]::new));
  }

  /** All pairs of widths, by a search that knows nothing of steps. */
  @Property(tries = 100)
  void theLeastSalientOfAllPairsOfWidthsIsChosen(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 4) int multiple,
      @ForAll @IntRange(min = 5, max = 35) int percent) {
    var model = ShapedModel.of(config(24), Shape.UNIFORM, multiple, percent / 100.0);
    var axes = model.axes(seed);
    var chosen = model.budget().choose(axes);
    long budget = model.budget().remove();
    long step = 0;
    for (var axis : axes) {
      step += axis.axis().role() == AxisRole.CHANNELS ? multiple * axis.cost() : 0;
    }
    double least = Double.MAX_VALUE;
    long nearest = Long.MAX_VALUE;
    for (int heads : List.of(1, 2, 4)) {
      for (int channels = multiple; channels <= 24; channels += multiple) {
        long removed = 0;
        double salience = 0;
        boolean allowed = 24 - channels <= 19 && 4 - heads <= 3;
        for (var axis : axes) {
          int gone = axis.axis().role() == AxisRole.CHANNELS ? 24 - channels : 4 - heads;
          removed += gone * axis.cost();
          salience += axis.cost() * DoubleStream.of(axis.scores()).sorted().limit(gone).sum();
        }
        nearest = allowed ? Math.min(nearest, Math.abs(removed - budget)) : nearest;
        if (allowed && 2 * Math.abs(removed - budget) <= step && 24 % multiple == 0) {
          least = Math.min(least, removed == 0 ? 0 : salience / removed);
        }
      }
    }
    double salience = 0;
    long removed = 0;
    for (var axis : axes) {
      var gone = chosen.indices(axis.name());
      removed += axis.cost() * gone.cardinality();
      salience += axis.cost() * gone.stream().mapToDouble(g -> axis.scores()[g]).sum();
    }
    if (least < Double.MAX_VALUE) {
      assertThat(2 * Math.abs(removed - budget)).isLessThanOrEqualTo(step);
      assertThat(removed == 0 ? 0 : salience / removed).isCloseTo(least, within(1e-6));
    } else {
      assertThat(Math.abs(removed - budget)).isEqualTo(nearest);
    }
    var resized = model.resized(new WidthPlan(chosen));
    assertThat(ShapeChecks.broken(Shape.UNIFORM, multiple, resized)).isEmpty();
  }

  /** Every layer loses the same number, each its own least. */
  @Property(tries = 50)
  void headsStayWhereOnlyMlpsMayChange(@ForAll long seed) {
    var model = ShapedModel.of(config(64), Shape.UNIFORM_FFN, 8, 0.2);
    var axes = model.axes(seed);
    var plan = model.plan(axes);
    var resized = model.resized(plan);
    assertThat(ShapeChecks.broken(Shape.UNIFORM_FFN, 8, resized)).isEmpty();
    assertThat(resized.layers().get(0).keyValueHeads()).isEqualTo(4);
    for (var axis : axes) {
      var gone = plan.removed().indices(axis.name());
      if (axis.axis().role() == AxisRole.CHANNELS) {
        double worst = gone.stream().mapToDouble(g -> axis.scores()[g]).max().orElseThrow();
        assertThat(axis.eligible().indices(axis.name()).stream().filter(g -> !gone.get(g)))
            .allMatch(g -> axis.scores()[g] >= worst - 1e-6);
      } else {
        assertThat(gone.isEmpty()).isTrue();
      }
    }
  }

  /** Little by little it ends at the same widths, and never takes more than asked. */
  @Property(tries = 50)
  void partsAddUpToTheShape(@ForAll long seed, @ForAll @IntRange(min = 2, max = 6) int periods) {
    var model = ShapedModel.of(config(64), Shape.UNIFORM, 8, 0.3);
    var axes = model.axes(seed);
    long removed = 0;
    var all = Groups.none();
    for (int period = 1; period <= periods; period++) {
      var left = new ArrayList<Candidates>();
      for (var axis : axes) {
        var kept = axis.eligible().minus(all);
        int most = axis.most() - all.count(axis.name());
        left.add(new Candidates(axis.axis(), axis.cost(), axis.scores(), kept, most));
      }
      long remove = model.budget().remove();
      long now = remove * period / periods - removed;
      var chosen = model.budget().shape().choose(left, now, remove - removed);
      all = all.plus(chosen);
      for (var axis : axes) {
        removed += axis.cost() * chosen.count(axis.name());
      }
      assertThat(period == periods || removed <= remove * period / periods).isTrue();
    }
    assertThat(new WidthPlan(all)).isEqualTo(model.plan(axes));
  }

  @Test
  void whatContradictsIsToldTogether() {
    var model = ShapedModel.of(config(24), Shape.UNIFORM_FFN, 64, 0.2);
    var axes = model.axes(1);
    var kept = Set.of(axes.get(1).axis());
    assertThat(model.contradictions(axes, kept))
        .containsExactly(
            "it takes the same from every layer, but layers.0.mlp.channels may lose nothing:"
                + " protect all of that kind or none, or choose the shape free or deci",
            "no width that it allows is left for layers.*.mlp.channels (24, at most 19 of"
                + " each may go): give a smaller multiple, or choose the shape free or deci");
    var uneven = ShapedModel.of(SmallModels.uneven(), Shape.UNIFORM_FFN, 1, 0.2);
    assertThat(uneven.contradictions(uneven.axes(1), Set.of()))
        .containsExactly(
            "it leaves heads as they are, but layers have 1 or 2 key-value heads: choose uniform or"
                + " free");
  }
}
