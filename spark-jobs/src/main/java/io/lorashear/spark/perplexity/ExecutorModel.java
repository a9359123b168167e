package io.lorashear.spark.perplexity;

import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.device.Place;
import io.lorashear.run.ContentHash;
import io.lorashear.score.Request;
import io.lorashear.score.Score;
import io.lorashear.score.Scorer;
import io.lorashear.score.ScoringModel;
import io.lorashear.torch.PrecisionChoice;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.SparkSession;

/**
 * One model on every executor, used like a single model. Requests that a {@link Scorer} would
 * compute together go to one executor together, so the figures are those of a single machine.
 */
public final class ExecutorModel implements ScoringModel {

  /** Requests that are computed together, as token ids, in a form that is sent to an executor. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Part(int[][] first, int[][] second) implements Serializable {}

  private static final int TASKS_PER_CORE = 4;

  private final JavaSparkContext spark;
  private final ExecutorScorer scorer;
  private final int longest;

  private ExecutorModel(JavaSparkContext spark, ExecutorScorer scorer, int longest) {
    this.spark = spark;
    this.scorer = scorer;
    this.longest = longest;
  }

  /**
   * The model at a path that every executor can read.
   *
   * @param checkpoint Hugging Face folder or GGUF file
   * @throws io.lorashear.InputException if it cannot be opened here
   */
  public static ExecutorModel open(
      SparkSession spark, Path checkpoint, Place device, PrecisionChoice precision) {
    try (var opened = Checkpoint.open(checkpoint)) {
      var scorer =
          new ExecutorScorer(
              checkpoint.toAbsolutePath().toString(),
              ContentHash.of(checkpoint),
              device,
              precision,
              false,
              ExecutorRuns.of(spark));
      return new ExecutorModel(
          JavaSparkContext.fromSparkContext(spark.sparkContext()),
          scorer,
          opened.config().maximumPositions());
    }
  }

  @Override
  public int longest() {
    return longest;
  }

  @Override
  public List<Score> score(List<Request> requests, IntConsumer done) {
    var packs = Scorer.packs(requests, longest, scorer.chunk());
    var parts = packs.stream().map(pack -> part(pack.stream().map(requests::get).toList()));
    var scorerThere = scorer;
    List<double[][]> found = run(parts.toList(), part -> flat(scorerThere.score(requests(part))));
    var scores = new Score[requests.size()];
    Arrays.fill(scores, Score.OF_NOTHING);
    for (int p = 0; p < packs.size(); p++) {
      for (int i = 0; i < packs.get(p).size(); i++) {
        double[] score = found.get(p)[i];
        scores[packs.get(p).get(i)] = new Score(score[0], score[1] == 1);
      }
    }
    done.accept(requests.size());
    return List.of(scores);
  }

  @Override
  public double[][] tokenLosses(List<int[]> sequences) {
    var batches = Scorer.batches(sequences, scorer.chunk());
    var parts =
        batches.stream()
            .map(batch -> batch.stream().map(sequences::get).toArray(int[][]::new))
            .map(ids -> new Part(ids, new int[0][]))
            .toList();
    var scorerThere = scorer;
    List<double[][]> found = run(parts, part -> scorerThere.tokenLosses(List.of(part.first())));
    var losses = new double[sequences.size()][];
    for (int b = 0; b < batches.size(); b++) {
      for (int i = 0; i < batches.get(b).size(); i++) {
        losses[batches.get(b).get(i)] = found.get(b)[i];
      }
    }
    return losses;
  }

  private List<double[][]> run(List<Part> parts, Function<Part, double[][]> work) {
    int tasks = Math.max(1, Math.min(parts.size(), TASKS_PER_CORE * spark.defaultParallelism()));
    return parts.isEmpty() ? List.of() : spark.parallelize(parts, tasks).map(work).collect();
  }

  private static Part part(List<Request> requests) {
    return new Part(
        requests.stream().map(Request::context).toArray(int[][]::new),
        requests.stream().map(Request::continuation).toArray(int[][]::new));
  }

  private static List<Request> requests(Part part) {
    return IntStream.range(0, part.first().length)
        .mapToObj(i -> new Request(part.first()[i], part.second()[i]))
        .toList();
  }

  private static double[][] flat(List<Score> scores) {
    return scores.stream()
        .map(score -> new double[] {score.logLikelihood(), score.greedy() ? 1 : 0})
        .toArray(double[][]::new);
  }

  /** Does nothing: the executors keep their model for the next request. */
  @Override
  public void close() {
    scorer.runs().settle();
  }
}
