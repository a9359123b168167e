package io.lorashear.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.TranslateException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.family.LayerWidths;
import io.lorashear.family.ModelConfig;
import io.lorashear.generate.Generator;
import io.lorashear.generate.Sampling;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.TorchScriptFile.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A text that goes on in DJL by its public interface alone, in rows and token by token. */
class TorchScriptPastTest {
  private static final int[][] IDS = {{3, 1, 4, 1, 5, 9, 2}, {6, 5, 3, 5, 8, 9, 7}};

  /** What .ci/check_torchscript.py finds after a build. */
  private static final Path KEPT = Path.of("target", "torchscript");

  @TempDir Path folder;

  /** Two layers of different widths; {@code fields} are JSON. */
  private Checkpoint model(String fields) throws JsonProcessingException {
    var all = SmallModels.uneven().fields().deepCopy();
    all.setAll((ObjectNode) new ObjectMapper().readTree(fields));
    return written(ModelConfig.parse(all, "a test"));
  }

  private Checkpoint written(ModelConfig config) {
    CheckpointWriter.write(
        folder.resolve("source"), config, SmallModels.weights(config, 5), List.of());
    return Checkpoint.open(folder.resolve("source"));
  }

  @ParameterizedTest
  @CsvSource({"f32, 1e-6", "bf16, 2e-2"})
  void everyCallGivesTheLogitsOfTheWholeText(String type, double close)
      throws JsonProcessingException {
    try (var model = model("{}")) {
      expectTheWhole(
          model, folder.resolve("script"), new TorchScriptExport().type(Optional.of(type)), close);
    }
  }

  /** Of some layers, and of all: then only the ids are kept. */
  @Test
  void layersWithoutAttentionKeepNothing() {
    var mlp = new LayerWidths(0, 0, 20);
    var layers = List.of(List.of(mlp, new LayerWidths(4, 2, 0), mlp), List.of(mlp, mlp));
    for (var each : layers) {
      var config = SmallModels.llama(each.toArray(LayerWidths[]::new));
      try (var model = written(config)) {
        expectTheWhole(model, folder.resolve("script"), WeightType.F32, 1e-6);
      }
    }
  }

  /** Two lists of frequencies: texts of more than five tokens are turned by the second. */
  @Test
  void aTextThatBecomesLongIsTurnedAnew() throws JsonProcessingException {
    var scaling =
        """
        {"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "sliding_window": null,
         "original_max_position_embeddings": 5, "rope_scaling": {"type": "longrope",
         "short_factor": [1.0, 1.1], "long_factor": [2.0, 6.0]}}
        """;
    try (var model = model(scaling)) {
      expectTheWhole(model, folder.resolve("script"), WeightType.F32, 1e-6);
    }
  }

  /**
   * In rows, as {@code forward} says of the whole rows, where calls end after 4, 5 and 7 tokens.
   */
  private static void expectTheWhole(Checkpoint opened, Path out, WeightType type, double close) {
    TorchScriptExportTest.write(opened, out, type, Answer.LOGITS);
    try (var model = TorchScriptExportTest.load(out);
        var predictor = model.newPredictor();
        var scope = model.getNDManager().newSubManager()) {
      var ids = scope.create(flat(IDS), new Shape(IDS.length, IDS[0].length));
      var past = new NDList(scope.create(new long[0], new Shape(IDS.length, 0)));
      int[] ends = {4, 5, 7};
      for (int i = 0, start = 0; i < ends.length; start = ends[i++]) {
        var found = predictor.predict(call(scope, ids.get(":, " + start + ":" + ends[i]), past));
        var whole = predictor.predict(new NDList(ids.get(":, :" + ends[i]))).get(0);
        var last = whole.get(":, -1:"); // (B, 1, vocabulary)
        assertThat(found.get(0).getShape()).isEqualTo(last.getShape());
        assertThat(found.get(0).toFloatArray())
            .containsExactly(last.toFloatArray(), within((float) close));
        past = found.subNDList(1);
        assertThat(past.get(0)).isEqualTo(ids.get(":, :" + ends[i]));
      }
    } catch (TranslateException e) {
      throw new AssertionError(e);
    }
  }

  /** DJL takes the method and the list from the arrays' names: docs/loading.md. */
  private static NDList call(NDManager scope, NDArray ids, NDList past) {
    var method = scope.create(0);
    method.setName("module_method:forward_with_past");
    past.forEach(array -> array.setName("past[]"));
    return new NDList(method, ids).addAll(past);
  }

  private static long[] flat(int[][] rows) {
    return Arrays.stream(rows).flatMapToInt(Arrays::stream).asLongStream().toArray();
  }

  /** What several texts go on from stays as it was. */
  @Test
  void aPastIsNeverChanged() throws TranslateException, JsonProcessingException {
    try (var opened = model("{}")) {
      var out = folder.resolve("script");
      TorchScriptExportTest.write(opened, out, WeightType.F32, Answer.LOGITS);
      try (var model = TorchScriptExportTest.load(out);
          var predictor = model.newPredictor();
          var scope = model.getNDManager().newSubManager()) {
        var nothing = new NDList(scope.create(new long[0], new Shape(1, 0)));
        var past = predictor.predict(call(scope, ids(scope, 3, 1, 4), nothing)).subNDList(1);
        var first = predictor.predict(call(scope, ids(scope, 7), past)).get(0);
        predictor.predict(call(scope, ids(scope, 9, 9), past));
        assertThat(predictor.predict(call(scope, ids(scope, 7), past)).get(0)).isEqualTo(first);
      }
    }
  }

  private static NDArray ids(NDManager scope, long... row) {
    return scope.create(row, new Shape(1, row.length));
  }

  /** In every family, at widths no other program knows, as our own generation goes on. */
  @Tag("reference")
  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void everyFamilyGoesOnAsOursDoes(String family) throws TranslateException {
    try (var opened = UnevenModels.ofFamily(family, folder.resolve("small"))) {
      var out = KEPT.resolve(family);
      expectTheWhole(opened, KEPT.resolve(family + "-bf16"), WeightType.BF16, 2e-1);
      expectTheWhole(opened, out, WeightType.F32, 1e-4);
      var ours = ours(opened, 32);
      try (var model = TorchScriptExportTest.load(out);
          var predictor = model.newPredictor()) {
        assertThat(greedy(predictor, model.getNDManager(), 32)).isEqualTo(ours);
      }
      var expected = JsonFile.object();
      Arrays.stream(IDS[0]).forEach(expected.putArray("prompt")::add);
      ours.forEach(expected.putArray("greedy")::add);
      JsonFile.write(out.resolve("expected.json"), expected);
    }
  }

  private static List<Integer> ours(Checkpoint opened, int count) {
    var tokens = new ArrayList<Integer>();
    try (var model = TorchModel.load(opened.graph(), opened.tensors(), Device.cpu())) {
      new Generator(model, 256, Set.of()).generate(IDS[0], count, Sampling.GREEDY, 0, tokens::add);
    }
    return tokens;
  }

  private static List<Integer> greedy(
      Predictor<NDList, NDList> predictor, NDManager manager, int count) throws TranslateException {
    var tokens = new ArrayList<Integer>();
    try (var scope = manager.newSubManager()) {
      var next = ids(scope, flat(new int[][] {IDS[0]}));
      var past = new NDList(scope.create(new long[0], new Shape(1, 0)));
      while (tokens.size() < count) {
        var found = predictor.predict(call(scope, next, past));
        past = found.subNDList(1);
        next = ids(scope, found.get(0).argMax(-1).getLong(0, 0));
        tokens.add((int) next.getLong(0, 0));
      }
    }
    return tokens;
  }
}
