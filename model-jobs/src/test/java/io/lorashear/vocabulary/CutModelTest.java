package io.lorashear.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.engine.HostArrays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CutModelTest {
  @TempDir Path folder;

  /** Whatever goes, the logits of what stays are those of the whole model. */
  @Property(tries = 20)
  void logitsOfKeptTokensStay(@ForAll long seed, @ForAll boolean tied) throws IOException {
    var random = new Random(seed);
    var home = Files.createTempDirectory("cut");
    var fields = SmallModels.uniform().fields().deepCopy().put("tie_word_embeddings", tied);
    var config = ModelConfig.parse(fields, "a test");
    CheckpointWriter.write(home, config, SmallModels.weights(config, seed), List.of());
    var kept = IntStream.range(0, 32).filter(id -> id < 3 || random.nextInt(3) > 0).toArray();
    var map = new VocabularyMap("before", kept, new TreeMap<>());
    try (var dense = Checkpoint.open(home)) {
      var cut = CutModel.of(dense, kept);
      int gone = 32 - kept.length;
      assertThat(dense.graph().parameterCount() - cut.graph().parameterCount())
          .isEqualTo((tied ? 1L : 2L) * gone * 16);
      assertThat(cut.config().vocabularySize()).isEqualTo(kept.length);
      var text = IntStream.range(0, 9).map(i -> kept[random.nextInt(kept.length)]).toArray();
      var whole = logits(dense.graph(), dense.tensors(), text);
      var small = logits(cut.graph(), cut.tensors(), map.after(text));
      for (int t = 0; t < text.length; t++) {
        for (int id = 0; id < kept.length; id++) {
          assertThat(small[t * kept.length + id])
              .isCloseTo(whole[t * 32 + kept[id]], within(1e-6f));
        }
      }
    }
  }

  private static float[] logits(ModelGraph graph, TensorSource tensors, int[] ids) {
    var place = Placement.of(Device.cpu(), Precision.FLOAT32);
    try (var model = TorchModel.load(graph, List.of(tensors), place, Set.of());
        var scope = model.manager().newSubManager()) {
      return HostArrays.floats(model.logits(scope, model.ids(scope, new int[][] {ids})));
    }
  }

  @Test
  void paddingGoesWithTheTokens() throws IOException {
    TextModel.write(folder, false, 5);
    try (var dense = Checkpoint.open(folder.resolve("dense"))) {
      int rows = dense.config().vocabularySize();
      var all = IntStream.range(0, rows - 5).toArray();
      var cut = CutModel.of(dense, all);
      assertThat(cut.config().vocabularySize()).isEqualTo(rows - 5);
      var head = cut.tensors().floats("lm_head.weight");
      assertThat(head)
          .isEqualTo(Arrays.copyOf(dense.tensors().floats("lm_head.weight"), (rows - 5) * 16));
    }
  }
}
