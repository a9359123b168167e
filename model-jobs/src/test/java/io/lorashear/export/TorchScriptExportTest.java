package io.lorashear.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ModelException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.SmallModels;
import io.lorashear.reference.ReferenceData;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.torch.TorchScriptFile.Answer;
import io.lorashear.torch.compile.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
  @CsvSource({"f32, FLOAT32, 1e-6", "bf16, BFLOAT16, 1e-6"})
  void itAnswersAsTheModelDoesWhateverItsWidths(String type, Precision precision, double close) {
    try (var model = uneven()) {
      expectSame(model, new TorchScriptExport().type(Optional.of(type)), precision, close);
    }
  }

  @Tag("reference")
  @ParameterizedTest
  @MethodSource("io.lorashear.reference.ReferenceData#families")
  void everyFamilyAnswers(String family) {
    try (var model = Checkpoint.open(ReferenceData.path("reference/families/" + family))) {
      expectSame(model, WeightType.F32, Precision.FLOAT32, 1e-5);
    }
  }

  private void expectSame(Checkpoint model, WeightType type, Precision precision, double close) {
    var tensors = List.of(model.tensors());
    try (var ours =
            TorchModel.load(
                model.graph(), tensors, Placement.of(Device.cpu(), precision), Set.of());
        var scope = ours.manager().newSubManager()) {
      var ids = ours.ids(scope, IDS);
      for (var answer : Answer.values()) {
        var expected =
            answer == Answer.LOGITS ? ours.logits(scope, ids) : ours.tokenLosses(scope, ids);
        var out = folder.resolve(answer.toString());
        write(model, out, type, answer);
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
    try (var model = load(folder);
        var predictor = model.newPredictor()) {
      var result = predictor.predict(new NDList(ids.duplicate())).singletonOrThrow();
      result.attach(ids.getManager());
      return result;
    } catch (TranslateException e) {
      throw new AssertionError(e);
    }
  }

  static ZooModel<NDList, NDList> load(Path folder) {
    var criteria =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optModelPath(folder)
            .optEngine("PyTorch")
            .optDevice(Device.cpu())
            .optTranslator(new NoopTranslator())
            .build();
    try {
      return criteria.loadModel();
    } catch (IOException | ModelException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theSameModelGivesTheSameBytes() {
    try (var model = uneven()) {
      var first = folder.resolve("first");
      var second = folder.resolve("second");
      write(model, first, WeightType.F32, Answer.LOGITS);
      write(model, second, WeightType.F32, Answer.LOGITS);
      assertThat(second.resolve(TorchScriptExport.FILE))
          .hasSameBinaryContentAs(first.resolve(TorchScriptExport.FILE));
    }
  }

  @Test
  void halfPrecisionIsRefused() {
    assertThatThrownBy(() -> new TorchScriptExport().type(Optional.of("f16")))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "--type f16: weights for torchscript are written as f32, bf16; choose one of them");
  }

  static void write(Checkpoint model, Path out, WeightType type, Answer answer) {
    var request = new ExportRequest(model, type, answer, Optional.empty());
    Export.publish(
        new TorchScriptExport(), request, Optional.empty(), out, JsonFile.object(), line -> {});
  }
}
