package io.lorashear.spark.perplexity;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.device.PyTorch;
import io.lorashear.export.Export;
import io.lorashear.export.ExportRequest;
import io.lorashear.export.TorchScriptExport;
import io.lorashear.export.WeightType;
import io.lorashear.settings.Settings;
import io.lorashear.spark.engine.RowPredictor;
import io.lorashear.spark.perplexity.PieceLoss.Counted;
import io.lorashear.torch.TorchScriptFile.Answer;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;

/**
 * Losses of rows from another engine, which takes a model as a TorchScript file and rows as encoded
 * arrays.
 *
 * <pre>
 *   row → encoded ids (1, T) → engine → encoded losses (1, T−1) → pieces
 * </pre>
 *
 * @param model address of the folder with the file
 */
record GivenLosses(RowPredictor predictor, String model) {
  private static final String QUESTION = "question";
  private static final String ANSWER = "answer";

  /**
   * Empty if the settings name the built-in engine.
   *
   * @param scratch folder for the model's file
   * @throws InputException if that is not a folder on a disk
   */
  static Optional<GivenLosses> of(PerplexitySettings settings, Path scratch) {
    return settings.engine().find(RowPredictor.class).map(found -> of(found, settings, scratch));
  }

  static GivenLosses of(RowPredictor predictor, PerplexitySettings settings, Path scratch) {
    if (!scratch.getFileSystem().equals(FileSystems.getDefault())) {
      throw new InputException(
          "output is %s, but engine %s reads the model beside it as a file: give a folder of a disk"
              + " that all executors share, or leave engine out",
          settings.output(), Settings.word(settings.engine()));
    }
    var folder = scratch.resolve("model");
    try (var files = Checkpoint.open(settings.checkpoint())) {
      var losses = new ExportRequest(files, WeightType.F32, Answer.TOKEN_LOSSES, Optional.empty());
      Export.publish(
          new TorchScriptExport(),
          losses,
          Optional.empty(),
          folder,
          JsonFile.object(),
          agreed -> {});
    }
    return new GivenLosses(predictor, folder.toUri().toString());
  }

  /**
   * Losses of the pieces of some rows.
   *
   * @param rows rows with the columns of {@link ScoredRow}
   * @param counted which tokens are predicted
   * @param tokens whether the loss of every token is kept
   */
  Dataset<Row> of(Dataset<Row> rows, Counted counted, boolean tokens) {
    MapFunction<Row, Row> ask = GivenLosses::asked;
    FlatMapFunction<Row, Row> read =
        row -> {
          var pieces = new ArrayList<Row>();
          for (var piece : PieceLoss.of(ScoredRow.of(row), losses(row), counted, tokens)) {
            pieces.add(piece.row());
          }
          return pieces.iterator();
        };
    var schema = rows.schema().add(QUESTION, DataTypes.BinaryType, false);
    var asked = rows.map(ask, Encoders.row(schema));
    return predictor.add(asked, QUESTION, ANSWER, model).flatMap(read, PieceLoss.ENCODER);
  }

  private static Row asked(Row row) {
    var ids = Arrays.stream(ScoredRow.of(row).ids()).asLongStream().toArray();
    try (var manager = PyTorch.engine().newBaseManager()) {
      var question = new NDList(manager.create(ids, new Shape(1, ids.length))).encode();
      var values = IntStream.range(0, row.size()).mapToObj(row::get);
      return RowFactory.create(Stream.concat(values, Stream.of(question)).toArray());
    }
  }

  private static double[] losses(Row row) {
    try (var manager = PyTorch.engine().newBaseManager()) {
      var answer = NDList.decode(manager, (byte[]) row.get(row.size() - 1)).singletonOrThrow();
      var losses = answer.toFloatArray();
      return IntStream.range(0, losses.length).mapToDouble(i -> losses[i]).toArray();
    }
  }
}
