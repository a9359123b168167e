package io.lorashear.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withPrecision;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.compress.Compressor;
import io.lorashear.dependency.PruningSpace;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.AxisRole;
import io.lorashear.graph.ModelGraph;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.TorchModel;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every shape of every family: met, kept, read back, and masked as it is cut. */
@Tag("reference")
class ShapedFamiliesTest {
  private static final double RATIO = 0.25;

  static Stream<Arguments> all() {
    return ReferenceData.families()
        .flatMap(
            family ->
                Stream.of(Shape.values())
                    .flatMap(
                        shape ->
                            Stream.of(1, 8, 32)
                                .map(multiple -> Arguments.of(family, shape, multiple))));
  }

  @ParameterizedTest
  @MethodSource("all")
  void aShapeIsMetOrRefusedWithTheReason(String family, Shape shape, int multiple) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      var model = ShapedModel.of(checkpoint.config(), shape, multiple, RATIO);
      var axes = model.axes(7);
      var refused = model.contradictions(axes, Set.of());
      if (!refused.isEmpty()) {
        assertThat(shape).isEqualTo(Shape.DECI);
        assertThat(family).isIn("gpt2", "gpt_neox", "llama-mha-bias", "mixtral");
        assertThat(refused.get(0)).contains(family.equals("mixtral") ? "experts" : "bias");
        return;
      }
      var plan = model.plan(axes);
      assertThat(model.plan(model.axes(7))).isEqualTo(plan);
      var graph = checkpoint.graph();
      long removed = graph.parameterCount() - plan.parameters(graph);
      assertThat(Math.abs(removed - model.budget().remove()))
          .isLessThanOrEqualTo(step(shape, multiple, axes));

      var small = Compressor.compress(graph, checkpoint.tensors(), plan);
      var config = Family.of(checkpoint.config()).resized(checkpoint.config(), small.graph());
      assertThat(ShapeChecks.broken(shape, multiple, config)).isEmpty();
      var read = ModelConfig.parse(config.fields(), "a test");
      assertThat(Family.of(read).trace(read).nodes()).isEqualTo(small.graph().nodes());
      if (!checkpoint.config().known().storesHeadDimension() && shape == Shape.UNIFORM) {
        assertThat(config.layers().get(0).queryHeads())
            .isEqualTo(checkpoint.config().layers().get(0).queryHeads());
      }
      var masked = Compressor.mask(PruningSpace.of(graph), checkpoint.tensors(), plan);
      assertThat(logits(small.graph(), small.tensors()))
          .containsExactly(logits(graph, masked), withPrecision(1e-4f));
    }
  }

  /** One group or one step of one MLP; of all MLPs where they stay alike. */
  private static long step(Shape shape, int multiple, List<Candidates> axes) {
    long one = 0;
    long all = 0;
    for (var axis : axes) {
      if (axis.axis().role() == AxisRole.CHANNELS) {
        one = Math.max(one, multiple * axis.cost());
        all += multiple * axis.cost();
      }
    }
    return shape == Shape.UNIFORM || shape == Shape.UNIFORM_FFN ? all : one;
  }

  private static float[] logits(ModelGraph graph, TensorSource tensors) {
    var ids = new Random(5).ints(16, 0, 320).toArray();
    try (var model = TorchModel.load(graph, tensors, Device.cpu());
        var scope = model.manager().newSubManager()) {
      return model.logits(scope, model.ids(scope, ids)).toFloatArray();
    }
  }
}
