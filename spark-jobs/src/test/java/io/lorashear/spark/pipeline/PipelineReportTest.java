package io.lorashear.spark.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PipelineReportTest {

  private static PipelineReport.Model model(String name, double alpaca, double wikipedia) {
    var losses = Map.of("alpaca", Math.log(alpaca), "wikipedia", Math.log(wikipedia));
    return new PipelineReport.Model(name, Path.of(name), 1000, losses, Map.of("world acc", 0.25));
  }

  private static PipelineReport report(double pruned, double recovered, double... ceiling) {
    var models =
        new ArrayList<>(
            List.of(
                model("dense", 5, 20),
                model("pruned", pruned, pruned),
                model("recovered", recovered, recovered)));
    for (double perplexity : ceiling) {
      models.add(model("ceiling", perplexity, perplexity));
    }
    return new PipelineReport(models);
  }

  @Test
  void whatIsWonBackIsTheShareOfTheWayInLogPerplexity() {
    var report = report(40, 20, 8); // dense 10: two halvings, of which recovery has made one
    assertThat(report.wonBack().orElseThrow()).isCloseTo(0.5, within(1e-12));
    assertThat(report.wonBackOfCeiling().orElseThrow())
        .isCloseTo(0.430677, within(1e-6)); // log 2 / log 5
    assertThat(report.table().lines())
        .contains(
            "                                       dense          pruned       recovered"
                + "         ceiling",
            "perplexity, all sources                10.00           40.00           20.00"
                + "            8.00")
        .last()
        .isEqualTo(
            "log-perplexity won back: 50 % of the way to the dense model; 43 % of the way to the"
                + " dense model trained on the same text (ceiling)");
    var json = report.toJson();
    assertThat(json.path("wonBackOfCeiling").asDouble()).isCloseTo(0.430677, within(1e-6));
    assertThat(json.path("ceiling").path("perplexity").asDouble()).isCloseTo(8, within(1e-12));
  }

  @Test
  void withoutACeilingTheTableSaysHowToGetOne() {
    var report = report(40, 20);
    assertThat(report.table().lines())
        .last()
        .isEqualTo(
            "log-perplexity won back: 50 % of the way to the dense model; not compared with"
                + " the dense model trained on the same text (ceiling: true, demo --ceiling)");
    assertThat(report.toJson().has("wonBack")).isTrue();
    assertThat(report.toJson().has("wonBackOfCeiling")).isFalse();
    assertThat(report.toJson().has("ceiling")).isFalse();
  }

  @Test
  void whereNothingWasLostNothingIsWonBack() {
    var report = report(9, 7, 9.5);
    assertThat(report.wonBack()).isEmpty();
    assertThat(report.table().lines())
        .last()
        .isEqualTo(
            "log-perplexity won back: the pruned model is no worse than the dense model; the pruned"
                + " model is no worse than the dense model trained on the same text (ceiling)");
    assertThat(report.toJson().path("wonBack").isNull()).isTrue();
    assertThat(report.toJson().path("wonBackOfCeiling").isNull()).isTrue();
  }
}
