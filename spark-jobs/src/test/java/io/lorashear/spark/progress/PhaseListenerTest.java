package io.lorashear.spark.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.lorashear.run.Progress;
import io.lorashear.spark.LocalSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.util.JsonProtocol;
import org.junit.jupiter.api.Test;

class PhaseListenerTest {

  /** Ten tasks of a million bytes and ten records each, of which every fifth is dropped. */
  @Test
  void whoWaitsSeesHowFarHowFastAndWhatIsDroppedAndTheEventLogKeepsIt() throws Exception {
    var lines = new ByteArrayOutputStream();
    var events = new Events();
    var spark = LocalSpark.session();
    var listener = listener(lines);
    spark.sparkContext().addSparkListener(listener);
    spark.sparkContext().addSparkListener(events);
    try (var phase = Phase.begin(spark, "read and clean", 10_000_000, "bytes")) {
      count(phase.tally());
    } finally {
      spark.sparkContext().listenerBus().waitUntilEmpty();
      spark.sparkContext().removeSparkListener(listener);
      spark.sparkContext().removeSparkListener(events);
      listener.close();
    }
    var told = lines.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(told.get(0)).isEqualTo("read and clean: 10 million bytes");
    assertThat(told.get(5))
        .matches(
            "read and clean: 5 of 10 million bytes, 50 records, [\\d,]+ a second, [\\d.]+ million"
                + " bytes a second, dropped: no-text 10");
    assertThat(told.get(told.size() - 1))
        .matches(
            "read and clean: 10 million bytes in \\d+ s, 100 records, .*, dropped: no-text 20");
    assertThat(String.join("\n", events.json))
        .contains(
            "\"Name\":\"read and clean\"", "{dropped no-text=20, records=100, size=10000000}");
  }

  /** Whose every look at the clock is a second after the one before. */
  private static PhaseListener listener(ByteArrayOutputStream lines) {
    LocalSpark.session();
    var nanos = new AtomicLong();
    return new PhaseListener(
        Progress.lines(
            new PrintStream(lines, true, StandardCharsets.UTF_8),
            () -> nanos.addAndGet(1_000_000_000)),
        PhaseMetrics.register());
  }

  private static void count(Tally tally) {
    JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext())
        .parallelize(IntStream.range(0, 10).boxed().toList(), 10)
        .foreach(
            task -> {
              for (var record = 0; record < 10; record++) {
                tally.record(100_000);
                if (record % 5 == 0) {
                  tally.dropped("no-text", 1);
                }
              }
            });
  }

  @Test
  void jobsOutsideAPhaseAreNotToldOfAndPhasesWithoutASizeCountTasks() throws Exception {
    var lines = new ByteArrayOutputStream();
    var spark = LocalSpark.session();
    var listener = listener(lines);
    spark.sparkContext().addSparkListener(listener);
    spark.range(0, 100, 1, 2).count();
    try (var phase = Phase.begin(spark, "compare documents")) {
      phase.spark().sparkContext().setLogLevel("WARN");
      spark.range(0, 100, 1, 4).foreach(row -> {});
    }
    spark.sparkContext().listenerBus().waitUntilEmpty();
    var ended = lines.toString(StandardCharsets.UTF_8); // though no phase follows
    spark.range(0, 100, 1, 2).count();
    spark.sparkContext().listenerBus().waitUntilEmpty();
    spark.sparkContext().removeSparkListener(listener);
    listener.close();
    assertThat(lines.toString(StandardCharsets.UTF_8)).isEqualTo(ended);
    assertThat(lines.toString(StandardCharsets.UTF_8).lines().toList())
        .hasSize(2)
        .first()
        .isEqualTo("compare documents");
    assertThat(lines.toString(StandardCharsets.UTF_8))
        .containsPattern("compare documents: 4 tasks in \\d+ s");
  }

  /** What Spark's event log would hold. */
  private static final class Events extends SparkListener {
    final List<String> json = Collections.synchronizedList(new ArrayList<>());

    @Override
    public void onStageCompleted(SparkListenerStageCompleted stage) {
      json.add(JsonProtocol.sparkEventToJsonString(stage));
    }
  }
}
