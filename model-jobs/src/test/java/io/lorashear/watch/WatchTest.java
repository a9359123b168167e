package io.lorashear.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorashear.metrics.MetricsFile;
import io.lorashear.metrics.RunMetrics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {
  @TempDir Path folder;
  Instant now = Instant.parse("2026-01-02T03:04:00Z");
  final StringWriter told = new StringWriter();

  private InstantSource clock() {
    return () -> now;
  }

  private Watch watch(Path run, boolean terminal, Watch.Pause pause) {
    return new Watch(run, new PrintWriter(told), terminal, clock(), pause);
  }

  private MetricsFile begun(String output) {
    return MetricsFile.begin(
        folder.resolve(output), "recover", "aa", Optional.empty(), false, clock());
  }

  private void step(MetricsFile metrics, long step) {
    now = now.plusSeconds(2);
    metrics.step("recover", step, 100, Map.of("loss", 2.5 / step, "tokensPerSecond", 1234.4));
  }

  private void once(Path run, boolean good) {
    assertThat(watch(run, false, time -> {}).once()).isEqualTo(good);
  }

  @Test
  void aStageAtWorkIsToldWithItsFiguresAndTheTimeLeft() {
    var metrics = begun("out");
    metrics.work("recover", 100, "steps");
    for (int i = 1; i <= 20; i++) {
      step(metrics, i);
    }
    once(folder.resolve("out"), true);
    assertThat(told.toString())
        .isEqualTo(
            """
            recover in %1$s has run for 40 s
              recover (out)   at work
            recover (out): step 20 of 100, loss 0.125, 1,234 tokens a second, about 2 min 40 s left
            """
                .formatted(folder.resolve("out")));
  }

  @Test
  void whatTrainsNothingIsToldByItsRate() {
    var metrics = begun("out");
    metrics.progress("calibrate", 30, 120, "rows", 1.5, Map.of());
    once(folder.resolve("out"), true);
    assertThat(told.toString())
        .contains("recover (out): calibrate, 30 of 120 rows, 1.5 a second, about 1 min 0 s left\n");
  }

  @Test
  void aRunThatIsOverOrNotYetThereSaysSo() {
    once(folder.resolve("none"), true);
    assertThat(told.toString())
        .isEqualTo("nothing has begun in %s yet\n".formatted(folder.resolve("none")));
    var metrics = begun("out");
    step(metrics, 1);
    metrics.failed("there is no room");
    metrics.close();
    now = now.plusSeconds(3600);
    once(folder.resolve("out"), false);
    assertThat(told.toString())
        .contains(
            "recover in %s failed after 2 s: there is no room\n".formatted(folder.resolve("out")));
  }

  @Test
  void aRunThatDiedSaysSoAndNamesWhatWasCutOff() throws IOException {
    var metrics = begun("out");
    step(metrics, 1);
    step(metrics, 2);
    metrics.leave();
    var file = folder.resolve("out.metrics.jsonl");
    var text = Files.readString(file);
    var own = "\"process\":" + ProcessHandle.current().pid();
    long gone =
        ProcessHandle.allProcesses().mapToLong(ProcessHandle::pid).max().orElse(1) + 100_000;
    Files.writeString(
        file, text.substring(0, text.length() - 10).replace(own, "\"process\":" + gone));
    once(folder.resolve("out"), false);
    assertThat(told.toString())
        .contains(
            ("recover in %s died after 2 s: its process %d ended without saying so; the same"
                    + " command resumes from its saved state\n")
                .formatted(folder.resolve("out"), gone))
        .contains("step 1 of 100")
        .contains("one line of %s was cut off by a kill and is skipped\n".formatted(file));
  }

  @Test
  void aLogGetsALineEveryHalfMinuteAndAtEachChange() throws InterruptedException {
    var run = folder.resolve("out");
    var metrics = new MetricsFile[1];
    var looks = new int[1];
    boolean good =
        watch(
                run,
                false,
                time -> {
                  assertThat(time).isEqualTo(Duration.ofSeconds(1));
                  now = now.plus(time);
                  int look = ++looks[0];
                  if (look == 10) {
                    metrics[0] = begun("out");
                    metrics[0].step("recover", 1, 2, Map.of("loss", 2.5));
                  } else if (look == 75) {
                    metrics[0].step("recover", 2, 2, Map.of("loss", 1.5));
                    metrics[0].done();
                    metrics[0].close();
                  }
                })
            .follow();
    assertThat(good).isTrue();
    assertThat(told.toString())
        .isEqualTo(
            """
            nothing has begun in %1$s yet
            recover (out): step 1 of 2, loss 2.500
            recover (out): step 1 of 2, loss 2.500
            recover (out): step 1 of 2, loss 2.500
            recover in %1$s is done after 1 min 5 s
              recover (out)     65.0 s
            recover (out): step 2 of 2, loss 1.500
            """
                .formatted(run));
  }

  @Test
  void aTerminalIsWrittenOver() throws InterruptedException {
    var metrics = begun("out");
    watch(
            folder.resolve("out"),
            true,
            time -> {
              metrics.done();
              metrics.close();
            })
        .follow();
    assertThat(told.toString())
        .startsWith("\u001b[?7lrecover in ")
        .contains("at work\nrecover (out)\n\u001b[?7h\u001b[?7l\u001b[3A\u001b[Jrecover in ")
        .endsWith("\u001b[?7h");
  }

  @Test
  void aRunOfManyStagesListsThem() {
    var run = new RunMetrics(folder.resolve("work/line"), "demo");
    run.all(
        () -> {
          run.stage("ingest", () -> 1);
          return run.stage(
              "pretrain",
              folder.resolve("cache/model"),
              () -> {
                var metrics = begun("cache/model");
                step(metrics, 3);
                once(folder.resolve("work"), true);
                metrics.done();
                metrics.close();
                return 2;
              });
        });
    assertThat(told.toString())
        .matches(
            """
            demo in .*/work has run for \\d+ s
              ingest +\\d\\.\\d s
              pretrain +at work
            recover \\(model\\): step 3 of 100, loss 0.833, 1,234 tokens a second
            """);
    assertThat(WatchedRun.of(folder.resolve("work")).ended()).isTrue();
  }

  @Test
  void thePageAnswersThisMachineAndNothingElse() throws Exception {
    var metrics = begun("out");
    step(metrics, 1);
    step(metrics, 2);
    try (var server = new WatchServer(folder.resolve("out"), 0, clock())) {
      var client = HttpClient.newHttpClient();
      var root = URI.create(server.address());
      assertThat(root.getHost()).isEqualTo("127.0.0.1");
      var page = client.send(HttpRequest.newBuilder(root).build(), BodyHandlers.ofString());
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.body()).contains("<h1>A run at work</h1>").doesNotContain("ONCE");
      assertThat(page.body()).doesNotContainPattern("(src|href)=\"(?!data:|#)");
      var policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
      assertThat(policy).startsWith("default-src 'none';").contains("connect-src 'self';");
      var data =
          new ObjectMapper()
              .readTree(
                  client
                      .send(
                          HttpRequest.newBuilder(root.resolve("/metrics.json")).build(),
                          BodyHandlers.ofString())
                      .body());
      assertThat(data.path("state").asText()).isEqualTo("RUNS");
      assertThat(data.path("done").asInt()).isEqualTo(2);
      assertThat(data.at("/curves/0/points/1/loss").asDouble()).isEqualTo(1.25);
      for (var other : new String[] {"/x", "/../etc/passwd", "/metrics.json/"}) {
        assertThat(raw(server, "GET " + other, "127.0.0.1:" + root.getPort()))
            .startsWith("HTTP/1.1 404")
            .endsWith("there is only / and /metrics.json\n");
      }
      assertThat(raw(server, "POST /", "127.0.0.1:" + root.getPort()))
          .startsWith("HTTP/1.1 405")
          .endsWith("this page can only be read\n");
      assertThat(raw(server, "GET /metrics.json", "evil.example:" + root.getPort()))
          .startsWith("HTTP/1.1 403")
          .endsWith("this page is for 127.0.0.1 alone\n");
    }
  }

  private static String raw(WatchServer server, String request, String host) throws IOException {
    try (var socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(server.address()).getPort())) {
      var text =
          request
              + " HTTP/1.1\r\nHost: "
              + host
              + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() throws IOException {
    try (var server = new WatchServer(folder, 0, clock())) {
      int port = URI.create(server.address()).getPort();
      assertThat(catchThrowable(() -> new WatchServer(folder, port, clock()).close()))
          .hasMessage(
              "--port is %d, which cannot be had (Address already in use): give another, or none"
                  .formatted(port));
    }
  }

  @Test
  void longCurvesAreThinnedAndKeepTheirLastStep() {
    var metrics = begun("out");
    for (int i = 1; i <= 4000; i++) {
      metrics.step("recover", i, 4000, Map.of("loss", (double) i));
    }
    var curve = WatchData.of(WatchedRun.of(folder.resolve("out")), now).path("curves").path(0);
    assertThat(curve.path("every").asInt()).isEqualTo(3);
    assertThat(curve.path("points").size()).isEqualTo(1334);
    assertThat(curve.at("/points/1333/step").asInt()).isEqualTo(4000);
  }
}
