package io.lorashear.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.graph.Node;
import io.lorashear.graph.Operator.Linear;
import io.lorashear.graph.Sought;
import io.lorashear.graph.Value;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.compile.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("reference")
class BlockWalkTest {
  private static final int[][] IDS = {new Random(5).ints(24, 0, 90).toArray()};

  /** What every linear reads, block by block, is what it reads when the whole model runs. */
  @ParameterizedTest
  @ValueSource(strings = {"gemma2", "gpt2", "gpt_neox", "mixtral", "phi3"})
  void blocksOfEveryKindAreWalkedThrough(String family) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family));
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu());
        var walk = new BlockWalk(model, List.<int[][]>of(IDS, IDS))) {
      expectSame(model, walk, 1e-5f);
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void inEveryPrecision(Precision precision) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/llama"));
        var model =
            TorchModel.load(
                checkpoint.graph(),
                List.of(checkpoint.tensors()),
                Placement.of(Device.cpu(), precision),
                Set.of());
        var walk = new BlockWalk(model, List.<int[][]>of(IDS, IDS))) {
      expectSame(model, walk, 1e-5f);
    }
  }

  private static void expectSame(TorchModel model, BlockWalk walk, float tolerance) {
    var seen = new ArrayList<String>();
    while (walk.hasNext()) {
      var inputs = new ArrayList<Value>();
      for (var node : model.graph().nodes()) {
        if (node.block().equals(walk.block()) && Sought.LINEAR.isAt(node)) {
          inputs.add(node.inputs().get(0));
        }
      }
      var values = inputs.stream().distinct().toList();
      if (!values.isEmpty()) {
        seen.add(walk.block());
        var found = new ArrayList<float[]>();
        walk.taps(values, (value, x) -> found.add(x.toFloatArray()));
        assertThat(found).hasSize(2 * values.size());
        try (var scope = model.manager().newSubManager()) {
          var whole = model.taps(scope, model.ids(scope, IDS), values);
          for (int i = 0; i < values.size(); i++) {
            assertThat(found.get(i))
                .containsExactly(whole.get(i).toFloatArray(), within(tolerance));
            assertThat(found.get(values.size() + i)).isEqualTo(found.get(i));
          }
        }
      }
      walk.next();
    }
    assertThat(seen).isNotEmpty().doesNotHaveDuplicates();
    assertThat(seen)
        .containsAll(
            model.graph().nodes().stream()
                .map(Node::block)
                .filter(block -> block.startsWith("layers."))
                .distinct()
                .toList());
  }

  /** A block that changed before it was gone through hands on what it is now. */
  @ParameterizedTest
  @ValueSource(strings = {"gpt_neox", "gemma2"})
  void theNextBlockReadsWhatTheChangedOneSays(String family) {
    try (var checkpoint = Checkpoint.open(ReferenceData.path("reference/families/" + family));
        var model = TorchModel.load(checkpoint.graph(), checkpoint.tensors(), Device.cpu());
        var walk = new BlockWalk(model, List.<int[][]>of(IDS, IDS))) {
      var linear =
          model.graph().nodes().stream()
              .filter(node -> node.block().equals("layers.0") && Sought.LINEAR.isAt(node))
              .toList();
      while (!walk.block().equals("layers.0")) {
        walk.next();
      }
      NDArray weight =
          model.parameter(((Linear) linear.get(linear.size() - 1).operator()).weight());
      weight.muli(0);
      expectSame(model, walk, 1e-5f);
    }
  }
}
