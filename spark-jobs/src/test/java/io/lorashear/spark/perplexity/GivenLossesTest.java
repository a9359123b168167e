package io.lorashear.spark.perplexity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import ai.djl.translate.NoopTranslator;
import io.lorashear.InputException;
import io.lorashear.corpus.LossReport;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.settings.Settings;
import io.lorashear.spark.LocalSpark;
import io.lorashear.spark.engine.Engine;
import io.lorashear.spark.engine.RowPredictor;
import io.lorashear.spark.perplexity.PieceLoss.Counted;
import io.lorashear.spark.store.DiskStore;
import io.lorashear.spark.tokenize.TokenizedCorpus;
import io.lorashear.tokenizer.SmallTokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine beside the built-in one: here DJL's own loader, seen through Spark's columns. */
class GivenLossesTest {
  @TempDir Path folder;

  private Path corpus;
  private Path checkpoint;

  @BeforeEach
  void publish() throws IOException {
    corpus = TokenizedCorpus.write(folder.resolve("corpus"), SmallTokenizers.byteLevel(folder));
    checkpoint = SmallCheckpoint.write(folder.resolve("dense"), 260, 1);
  }

  @AfterAll
  static void release() {
    ExecutorScorer.release();
  }

  private record Loader() implements RowPredictor {
    @Override
    public Engine engine() {
      return Engine.DJL_SPARK;
    }

    @Override
    public Dataset<Row> add(Dataset<Row> rows, String question, String answer, String model) {
      int at = rows.schema().fieldIndex(question);
      MapPartitionsFunction<Row, Row> answered =
          part -> {
            var criteria =
                Criteria.builder()
                    .setTypes(NDList.class, NDList.class)
                    .optModelUrls(model)
                    .optTranslator(new NoopTranslator())
                    .build();
            var all = new ArrayList<Row>();
            try (var loaded = criteria.loadModel();
                var predictor = loaded.newPredictor();
                var manager = loaded.getNDManager().newSubManager()) {
              while (part.hasNext()) {
                var row = part.next();
                var asked = NDList.decode(manager, (byte[]) row.get(at));
                var values = new ArrayList<Object>();
                for (var i = 0; i < row.size(); i++) {
                  values.add(row.get(i));
                }
                values.add(predictor.predict(asked).encode(NDList.Encoding.NPZ));
                all.add(RowFactory.create(values.toArray()));
              }
            }
            return all.iterator();
          };
      return rows.mapPartitions(
          answered, Encoders.row(rows.schema().add(answer, DataTypes.BinaryType)));
    }
  }

  private PerplexitySettings settings(Path output) {
    return Settings.defaults(
        PerplexitySettings.class,
        List.of(
            "corpus=" + corpus,
            "checkpoint=" + checkpoint,
            "output=" + output,
            "rows=6",
            "device=cpu"));
  }

  @Test
  void theLossesAreThoseOfTheBuiltInEngine() {
    var settings = settings(folder.resolve("losses"));
    var found = new HashMap<String, Double>();
    var given = GivenLosses.of(new Loader(), settings, folder.resolve("model"));
    for (var row : given.of(rows(settings), Counted.of(settings), false).collectAsList()) {
      var piece = PieceLoss.of(row);
      found.merge(piece.source(), piece.loss(), Double::sum);
    }
    var built = Perplexity.publish(LocalSpark.session(), settings, false);
    for (var source : LossReport.read(built.directory()).sources()) {
      var close = within(1e-5 * source.loss());
      assertThat(found.remove(source.source())).isCloseTo(source.loss(), close);
    }
    assertThat(found).isEmpty();
  }

  private Dataset<Row> rows(PerplexitySettings settings) {
    var files = SequenceReader.open(corpus).verified(settings.split().folder());
    var rows =
        LocalSpark.session()
            .read()
            .option("basePath", corpus.resolve("sequences").toString())
            .parquet(files.stream().map(Path::toString).toArray(String[]::new));
    return DrawnRows.of(rows, settings, null, 1);
  }

  @Test
  void aStoreIsRefused() {
    var output = DiskStore.at(folder).resolve("losses");
    var settings = settings(folder.resolve("losses"));
    assertThatThrownBy(() -> GivenLosses.of(new Loader(), settings, output))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "output is %s, but engine built-in reads the model beside it as a file: give a folder"
                    .formatted(settings.output())
                + " of a disk that all executors share, or leave engine out");
  }

  @Test
  void theEngineIsRefusedWhereTheBuildHasNone() {
    assertThatThrownBy(
            () ->
                Settings.defaults(
                    PerplexitySettings.class,
                    List.of(
                        "corpus=" + corpus,
                        "checkpoint=" + checkpoint,
                        "output=" + folder,
                        "keepTop=4",
                        "engine=djl-spark")))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(
            "DJL's extension for Spark", "make one for Spark 3.5 by mvn -Pspark3,djl-spark package")
        .hasMessageContaining("leave engine out: built-in scores with the same model")
        .hasMessageContaining(
            "engine is djl-spark, which knows neither keepTop (4), isolateDocuments (false),"
                + " device (auto) nor precision (auto): leave them or the engine out");
  }
}
