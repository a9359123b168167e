package io.lorashear.spark.perplexity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.device.ModelRuns;
import io.lorashear.device.Running;
import io.lorashear.spark.LocalSpark;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

class ExecutorRunsTest {
  private static final Running WIDE = new Running("cpu", "float32", "PyTorch 0 of a test");
  private static final Running NARROW = new Running("a GPU", "bfloat16", "PyTorch 0 of a test");

  private static ExecutorRuns after(List<Running> tasks) {
    var spark = LocalSpark.session();
    var runs = ExecutorRuns.of(spark);
    JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(tasks, tasks.size())
        .foreach(runs::add);
    return runs;
  }

  @Test
  void whatTasksRanOnIsRecordedByTheDriverOnce() {
    int before = ModelRuns.count();
    after(List.of(WIDE, WIDE, WIDE)).settle();
    assertThat(ModelRuns.since(before)).containsExactly(WIDE);
    assertThat(ModelRuns.count()).isEqualTo(before + 1);
  }

  @Test
  void executorsThatComputedInDifferentNumbersAreRefused() {
    var runs = after(List.of(WIDE, NARROW, WIDE));
    assertThatThrownBy(runs::settle)
        .isInstanceOf(InputException.class)
        .hasMessage(
            "executors computed in different numbers: on a GPU in bfloat16, by PyTorch 0 of a test;"
                + " on cpu in float32, by PyTorch 0 of a test; give one precision,"
                + " or one device, for all");
  }
}
