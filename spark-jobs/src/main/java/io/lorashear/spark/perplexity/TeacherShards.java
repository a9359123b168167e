package io.lorashear.spark.perplexity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorashear.corpus.SoftTargets;
import io.lorashear.spark.perplexity.BatchScoring.Scoring;
import io.lorashear.spark.perplexity.PieceLoss.Counted;
import io.lorashear.spark.shard.ShardFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Scores rows and writes the model's predictions at every position.
 *
 * <pre>
 *   file of a row     = its batch div {@value #BATCHES}
 *   note of a file    = the losses of its rows, so that they exist whenever the file does
 * </pre>
 *
 * A file is written while its rows are scored, a batch at a time in memory; a run that was killed
 * resumes with the missing files.
 */
final class TeacherShards {
  /** Number of batches of a file. */
  static final int BATCHES = 16;

  private static final StructType TARGETS =
      new StructType()
          .add("sequence_id", DataTypes.StringType, false)
          .add("ids", arrayOf(DataTypes.IntegerType), false)
          .add("log_probabilities", arrayOf(DataTypes.FloatType), false)
          .add("tail", arrayOf(DataTypes.FloatType), false);

  private static final StructType PLACED =
      new StructType()
          .add(ShardFolder.FILE, DataTypes.IntegerType, false)
          .add(ShardFolder.ROW, TARGETS)
          .add(ShardFolder.NOTE, DataTypes.StringType);

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final TypeReference<List<PieceLoss>> NOTE = new TypeReference<>() {};

  private static DataType arrayOf(DataType element) {
    return DataTypes.createArrayType(element, false);
  }

  private TeacherShards() {}

  /**
   * Writes the missing files.
   *
   * @param batches {@link #BATCHES} of them share a partition
   * @return the losses of all rows, in no particular order
   */
  static List<PieceLoss> write(
      Dataset<Row> batches, ExecutorScorer scorer, PerplexitySettings settings, ShardFolder folder)
      throws IOException {
    var finished = folder.finished();
    var names = new HashSet<>(finished.keySet());
    FilterFunction<Row> missing = row -> !names.contains(ShardFolder.name(file(row.getLong(0))));
    int top = settings.keepTop();
    var counted = Counted.of(settings);
    MapPartitionsFunction<Row, Row> score =
        part -> new BatchScoring(part, new Targets(scorer, top, counted));
    var rows = batches.filter(missing).mapPartitions(score, Encoders.row(PLACED));
    var losses = new ArrayList<PieceLoss>();
    for (String note : finished.values()) {
      losses.addAll(JSON.readValue(note, NOTE));
    }
    for (var shard : folder.write(rows, List.of())) {
      losses.addAll(JSON.readValue(shard.note(), NOTE));
    }
    return losses;
  }

  private static int file(long batch) {
    return (int) (batch / BATCHES);
  }

  /** Rows for the folder; the last of every batch notes the losses of its file so far. */
  private static final class Targets implements Scoring {
    private final ExecutorScorer scorer;
    private final int top;
    private final Counted counted;
    private final List<PieceLoss> losses = new ArrayList<>();
    private int file = -1;

    private Targets(ExecutorScorer scorer, int top, Counted counted) {
      this.scorer = scorer;
      this.top = top;
      this.counted = counted;
    }

    @Override
    public List<Row> of(List<ScoredRow> batch) {
      if (file != file(batch.get(0).batch())) {
        file = file(batch.get(0).batch());
        losses.clear();
      }
      var starts = counted.apart() ? batch.stream().map(ScoredRow::begins).toList() : null;
      var found = scorer.predictions(batch.stream().map(ScoredRow::ids).toList(), starts, top);
      for (int i = 0; i < batch.size(); i++) {
        losses.addAll(PieceLoss.of(batch.get(i), found.get(i).losses(), counted, false));
      }
      var note = note();
      return IntStream.range(0, batch.size())
          .mapToObj(
              i -> {
                var row = batch.get(i);
                var text = found.get(i).targets().of(0, Math.max(0, row.tokens() - 1));
                return row(row.id(), text, i == batch.size() - 1 ? note : null);
              })
          .toList();
    }

    private Row row(String id, SoftTargets targets, @Nullable String note) {
      var row = RowFactory.create(id, targets.ids(), targets.logProbabilities(), targets.tail());
      return RowFactory.create(file, row, note);
    }

    private String note() {
      try {
        return JSON.writeValueAsString(losses);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
