package io.lorashear.optim;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.index.NDIndex;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.compress.Compressor;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.LayerWidths;
import io.lorashear.optim.LhspgSettings.Mode;
import io.lorashear.reference.ReferenceData;
import io.lorashear.saliency.AxisWeights;
import io.lorashear.saliency.Baselines;
import io.lorashear.saliency.FisherInformation;
import io.lorashear.saliency.MeasuredScores;
import io.lorashear.saliency.SaliencySettings;
import io.lorashear.saliency.SaliencySettings.By;
import io.lorashear.saliency.SaliencySettings.Measure;
import io.lorashear.shape.Shape;
import io.lorashear.shape.ShapeChecks;
import io.lorashear.torch.compile.Precision;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LhspgShapeTest extends LhspgRun {
  /**
   * Shapes hold after periods that follow them only in part, and the cut model is the zeroed one.
   */
  @Tag("reference")
  @ParameterizedTest
  @CsvSource({"UNIFORM_FFN, PAPER", "UNIFORM, PAPER", "DECI, PAPER", "DECI, OTO", "FREE, PAPER"})
  void endsInTheShapeThatIsAskedFor(Shape shape, Mode mode) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/llama"))) {
      model.close();
      load(checkpoint.graph(), checkpoint.tensors(), false, Precision.FLOAT32);
      var config = checkpoint.config();
      var rule = shape.rule(PruningSpace.of(checkpoint.graph()), 8, true);
      long total = model.base().parameterCount();
      var budget = new PruningBudget(total, Math.round(0.3 * total), 0.8, Map.of(), rule);
      var settings = new LhspgSettings(mode, 4, 3, 5, 0, 0);
      var lhspg = lhspg(settings, budget, SALIENCY, MeasuredScores.NONE);
      train(lhspg, settings.steps());
      var plan = lhspg.finish();
      expectCutAsZeroed(plan);

      var small = Compressor.compress(model.base(), model.baseTensors(), plan).graph();
      assertThat(ShapeChecks.broken(shape, 8, Family.of(config).resized(config, small))).isEmpty();
      long removed = total - plan.parameters(model.base());
      assertThat(budget.removed(axes, plan.removed())).isEqualTo(removed);
      assertThat((double) removed / total).isBetween(0.24, 0.36);
    }
  }

  /** Nothing of the middle layer matters: it goes whole, in a period of its own or in two. */
  @Tag("reference")
  @ParameterizedTest
  @EnumSource(Mode.class)
  void aLayerGoesWholeAndTheCutModelIsTheZeroedOne(Mode mode) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/llama"))) {
      model.close();
      load(checkpoint.graph(), checkpoint.tensors(), false, Precision.FLOAT32);
      var measured = Baselines.random(axes, 5);
      for (int i = 0; i < axes.size(); i++) {
        double factor = axes.get(i).name().startsWith("layers.1.") ? 1e-6 : 1;
        int axis = i;
        Arrays.setAll(measured.get(i), g -> (1 + measured.get(axis)[g]) * factor);
      }
      var rule = Shape.DECI.rule(PruningSpace.of(checkpoint.graph()), 32, true);
      long total = model.base().parameterCount();
      var budget = new PruningBudget(total, Math.round(0.35 * total), 0.8, Map.of(), rule);
      var alone =
          new SaliencySettings(
              0, 0, 0, 0, 0, 1, 0, By.ROW, false, 0.5, false, Measure.ONCE, 0, true);
      var settings = new LhspgSettings(mode, 2, 3, 4, 0, 0);
      var lhspg =
          lhspg(settings, budget, alone, new MeasuredScores(measured, FisherInformation.NONE));
      train(lhspg, settings.steps());
      var plan = lhspg.finish();
      expectCutAsZeroed(plan);
      var small = Compressor.compress(model.base(), model.baseTensors(), plan).graph();
      var config = Family.of(checkpoint.config()).resized(checkpoint.config(), small);
      assertThat(config.layers().get(1)).isEqualTo(new LayerWidths(0, 0, 0));
      assertThat(config.layers().get(2).attends()).isTrue();
    }
  }

  /** LoRA pushes one row of each matrix of the first head back: enough for it, not for both. */
  @Test
  void anAttentionThatGoesWholeLeavesAsOne() {
    var heads = axes.stream().filter(a -> a.name().contains("1.attention")).findFirst().get();
    var squared = new double[2];
    double along = 0;
    for (var slice : heads.zeroed()) {
      for (int row = 0; row < slice.groupOf().length; row++) {
        double norm = slice.weight().get(row).norm().getFloat();
        squared[slice.groupOf()[row]] += norm * norm;
        along -= row == 0 ? 0.95 * norm * norm : 0;
      }
      slice.pair().a().set(new NDIndex("0"), slice.weight().get(0).mul(-0.95));
      slice.pair().b().set(new NDIndex("0, 0"), 1 / slice.pair().scale());
    }
    double alone = 5.0 / 6 + along / squared[0];
    double together = 5.0 / 6 + along / (squared[0] + squared[1]);
    assertThat(leaving(heads, (alone + together) / 2, false)).containsExactly(0);
    assertThat(leaving(heads, (alone + together) / 2, true)).isEmpty();
    assertThat(leaving(heads, together + 0.01, true)).containsExactly(0, 1);
  }

  /** What leaves after one step of six; weights are as before then. */
  private List<Integer> leaving(AxisWeights axis, double epsilon, boolean together) {
    var before = axis.zeroed().stream().map(slice -> slice.weight().duplicate()).toList();
    var axes = List.of(axis);
    var groups = new ActiveGroups(model.model(), axes, AxisWeights.all(axes), each -> together);
    var gone = groups.project(new HalfSpace(epsilon), 6).indices(axis.name());
    groups.close();
    for (int i = 0; i < before.size(); i++) {
      axis.zeroed().get(i).weight().set(new NDIndex(":"), before.get(i));
    }
    return gone.stream().boxed().toList();
  }
}
