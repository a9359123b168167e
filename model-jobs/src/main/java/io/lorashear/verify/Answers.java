package io.lorashear.verify;

import ai.djl.Device;
import ai.djl.ModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.lorashear.InputException;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.TorchScriptFile.Answer;
import io.lorashear.verify.Readback.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a model gives back for rows of ids; nothing of it stays in memory. */
final class Answers {
  private Answers() {}

  /** Of each row logits (T, vocabulary), or losses (1, T−1). */
  static List<float[][]> of(
      ModelGraph graph, TensorSource tensors, List<int[]> rows, boolean losses) {
    try (var model = TorchModel.load(graph, tensors, Device.cpu())) {
      return rows.stream()
          .map(
              row -> {
                try (var scope = model.manager().newSubManager()) {
                  var ids = model.ids(scope, row);
                  return numbers(
                      losses ? model.tokenLosses(scope, ids) : model.logits(scope, ids).get(0));
                }
              })
          .toList();
    }
  }

  /** The same by the file's own program, in DJL's own way of loading it. */
  static List<float[][]> of(Script script, List<int[]> rows) {
    var criteria =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optModelPath(script.folder())
            .optEngine("PyTorch")
            .optDevice(Device.cpu())
            .optTranslator(new NoopTranslator())
            .build();
    try (var model = criteria.loadModel();
        var predictor = model.newPredictor()) {
      var all = new ArrayList<float[][]>();
      for (var row : rows) {
        try (var scope = model.getNDManager().newSubManager()) {
          var ids = scope.create(Arrays.stream(row).asLongStream().toArray());
          var answer = predictor.predict(new NDList(ids.expandDims(0))).singletonOrThrow();
          try (answer) {
            all.add(numbers(script.answer() == Answer.TOKEN_LOSSES ? answer : answer.get(0)));
          }
        }
      }
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + script.folder(), e);
    } catch (ModelException | TranslateException e) {
      throw new InputException(
          e, "nothing was published, because DJL does not run what was written: %s", e);
    }
  }

  /** (rows, columns) as Java has it. */
  private static float[][] numbers(NDArray matrix) {
    int rows = (int) matrix.getShape().get(0);
    int columns = (int) matrix.getShape().get(1);
    var flat = matrix.toFloatArray();
    var numbers = new float[rows][];
    for (int row = 0; row < rows; row++) {
      numbers[row] = Arrays.copyOfRange(flat, row * columns, (row + 1) * columns);
    }
    return numbers;
  }
}
