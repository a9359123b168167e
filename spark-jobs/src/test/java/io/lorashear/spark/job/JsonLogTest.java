package io.lorashear.spark.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.cli.Failures;
import io.lorashear.sampleworld.SampleWorld;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What programs read of a command that works: its log as JSON, and its counts as metrics. */
class JsonLogTest {
  @TempDir Path folder;

  private Process start(List<String> options, String... arguments) throws IOException {
    var json = Path.of("..", "conf", "log4j2-json.properties");
    var all = new ArrayList<>(options);
    all.addAll(
        List.of(
            "-Dai.djl.offline=true", "-Dlog4j2.configurationFile=" + json, "-Dspark.app.id=it"));
    var command = Runs.java(all, Lorashear.class);
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private List<JsonNode> log() throws IOException {
    var events = new ArrayList<JsonNode>();
    for (var line : Files.readAllLines(folder.resolve("err"), UTF_8)) {
      events.add(new ObjectMapper().readTree(line));
    }
    return events;
  }

  @Test
  void everyLineIsAnObjectAndTheCountsAreMetrics() throws Exception {
    var sample = folder.resolve("sample");
    SampleWorld.write(sample, 1, 20);
    var settings = Files.writeString(folder.resolve("ingest.yaml"), "{}\n").toString();
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    var sink = "-Dspark.metrics.conf.driver.sink.prometheusServlet.";
    var process =
        start(
            List.of(
                "-Dspark.ui.enabled=true",
                "-Dspark.ui.port=" + port,
                "-Dspark.yarn.am.port=1", // Spark warns that it is no longer used
                sink + "class=org.apache.spark.metrics.sink.PrometheusServlet",
                sink + "path=/metrics/prometheus"),
            "ingest",
            "--log=json",
            "--config=" + settings,
            "--set=tokenizer=" + sample.resolve(SampleWorld.TOKENIZER),
            "--set=sources=[{corpus: wikipedia, paths: [%s]}]"
                .formatted(sample.resolve("wikipedia")),
            "--set=output=" + folder.resolve("documents"));
    var metrics = "";
    while (process.isAlive() && !metrics.contains("dropped_redirect")) {
      metrics = page("http://127.0.0.1:%d/metrics/prometheus/".formatted(port));
      Thread.sleep(20);
    }
    assertThat(process.waitFor()).as(Files.readString(folder.resolve("err"))).isZero();

    assertThat(metrics)
        .containsPattern(
            "metrics_.*_driver_lorashear_read_and_clean_records_Value\\{type=\"gauges\"\\} \\d+")
        .containsPattern(
            "lorashear_read_and_clean_dropped_redirect_Value\\{type=\"gauges\"\\} [1-9]");
    assertThat(log())
        .allSatisfy(
            event -> {
              assertThat(Instant.parse(event.path("time").asText())).isNotNull();
              assertThat(event.path("level").asText()).isNotEmpty();
              assertThat(event.path("logger").asText()).isNotEmpty();
              assertThat(event.has("stage")).isTrue();
              assertThat(event.path("message").asText()).isNotEmpty();
            })
        .anySatisfy(
            event -> {
              assertThat(event.path("message").asText()).isEqualTo("ingest end: done");
              assertThat(event.path("stage").asText()).isEqualTo("ingest");
              assertThat(event.at("/fields/works/read and clean/dropped redirect").asInt())
                  .isPositive();
            })
        .anySatisfy(
            event -> assertThat(event.path("message").asText()).startsWith("read and clean: "))
        .anySatisfy(event -> assertThat(event.path("logger").asText()).startsWith("org.apache."));
    assertThat(Files.readString(folder.resolve("out")))
        .endsWith(folder.resolve("documents") + System.lineSeparator())
        .doesNotContain("\"level\"");
  }

  private static String page(String address) {
    try {
      var request = HttpRequest.newBuilder(URI.create(address)).build();
      return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return ""; // not served yet, or no longer
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFailureIsAnErrorInTheLog() throws Exception {
    var process = start(List.of(), "runs", "list", folder.toString(), "--log", "json");
    assertThat(process.waitFor()).isEqualTo(Failures.BAD_INPUT);
    assertThat(log())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.path("level").asText()).isEqualTo("ERROR");
              assertThat(event.path("message").asText()).startsWith(folder + " holds no run");
            });
  }
}
