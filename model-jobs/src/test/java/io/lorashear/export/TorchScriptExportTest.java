package io.lorashear.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import ai.djl.translate.NoopTranslator;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.Precision;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.TorchScriptFile.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What DJL's own loader makes of the file. */
class TorchScriptExportTest {
  private static final int[][] IDS = {{3, 1, 4, 1, 5, 9, 2}, {6, 5, 3, 5, 8, 9, 7}};

  @TempDir Path folder;

  private Checkpoint uneven() {
    var config = SmallModels.uneven();
    var source = folder.resolve("source");
    CheckpointWriter.write(source, config, SmallModels.weights(config, 5), List.of());
    return Checkpoint.open(source);
  }

  @ParameterizedTest
  @CsvSource({"F32, FLOAT32, 1e-6", "BF16, BFLOAT16, 1e-6"})
  void itAnswersAsTheModelDoesWhateverItsWidths(DataType type, Precision precision, double close) {
    try (var model = uneven()) {
      expectSame(model, type, precision, close);
    }
  }

  @Tag("reference")
  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void everyFamilyAnswers(String family) {
    try (var model = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      expectSame(model, DataType.F32, Precision.FLOAT32, 1e-5);
    }
  }

  private void expectSame(Checkpoint model, DataType type, Precision precision, double close) {
    var tensors = List.of(model.tensors());
    try (var ours = TorchModel.load(model.graph(), tensors, Device.cpu(), precision, Set.of());
        var scope = ours.manager().newSubManager()) {
      var ids = ours.ids(scope, IDS);
      for (var answer : Answer.values()) {
        var expected =
            answer == Answer.LOGITS ? ours.logits(scope, ids) : ours.tokenLosses(scope, ids);
        var out = folder.resolve(answer.toString());
        TorchScriptExport.write(model, out, type, answer, JsonFile.object());
        expectClose(predicted(out, ids), expected, close);
      }
    }
  }

  private static void expectClose(NDArray found, NDArray expected, double close) {
    assertThat(found.getShape()).isEqualTo(expected.getShape());
    var difference = found.sub(expected).abs().max().getFloat();
    assertThat((double) difference).isCloseTo(0, within(close));
  }

  private static NDArray predicted(Path folder, NDArray ids) {
    var criteria =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optModelPath(folder)
            .optEngine("PyTorch")
            .optDevice(Device.cpu())
            .optTranslator(new NoopTranslator())
            .build();
    try (var model = criteria.loadModel();
        var predictor = model.newPredictor()) {
      var result = predictor.predict(new NDList(ids.duplicate())).singletonOrThrow();
      result.attach(ids.getManager());
      return result;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theSameModelGivesTheSameBytes() {
    try (var model = uneven()) {
      var first = folder.resolve("first");
      var second = folder.resolve("second");
      TorchScriptExport.write(model, first, DataType.F32, Answer.LOGITS, JsonFile.object());
      TorchScriptExport.write(model, second, DataType.F32, Answer.LOGITS, JsonFile.object());
      assertThat(second.resolve(TorchScriptExport.FILE))
          .hasSameBinaryContentAs(first.resolve(TorchScriptExport.FILE));
    }
  }

  @Test
  void halfPrecisionIsRefused() {
    try (var model = uneven()) {
      assertThatThrownBy(
              () ->
                  TorchScriptExport.write(
                      model, folder, DataType.F16, Answer.LOGITS, JsonFile.object()))
          .isInstanceOf(InputException.class)
          .hasMessage("a TorchScript file computes in F32 or BF16, not in F16: choose one of them");
    }
  }
}
