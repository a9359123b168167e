package io.lorashear.watch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.lorashear.InputException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Serves the page of a run and its data to this machine only. A request whose Host header has
 * another name is refused, as a protection against DNS rebinding: a foreign page's name could
 * resolve to this machine.
 */
public final class WatchServer implements AutoCloseable {
  private static final String DATA = "/metrics.json";
  private static final Duration OPEN = Duration.ofSeconds(10);
  private static final Duration LAST_LOOKS = Duration.ofSeconds(3);
  private static final int NOT_FOUND = 404;
  private static final int FORBIDDEN = 403;
  private static final int NOT_ALLOWED = 405;

  private final Path run;
  private final InstantSource clock;
  private final HttpServer server;
  private volatile @Nullable Instant asked;

  /**
   * Starts the server.
   *
   * @param port port to listen on; 0 for any free port
   * @throws InputException if another program uses the port
   */
  public WatchServer(Path run, int port, InstantSource clock) throws IOException {
    this.run = run;
    this.clock = clock;
    try {
      server = HttpServer.create(new InetSocketAddress(loopback(), port), 0);
    } catch (BindException e) {
      throw new InputException(
          e, "--port is %d, which cannot be had (%s): give another, or none", port, e.getMessage());
    }
    server.createContext("/", this::answer);
    server.start();
  }

  private static InetAddress loopback() throws IOException {
    return InetAddress.getByAddress("127.0.0.1", new byte[] {127, 0, 0, 1});
  }

  /** The URL of the page. */
  public String address() {
    return "http://127.0.0.1:%d/".formatted(port());
  }

  private int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var host = String.valueOf(exchange.getRequestHeaders().getFirst("Host"));
      var path = exchange.getRequestURI().getPath();
      if (!Set.of("127.0.0.1:" + port(), "localhost:" + port()).contains(host)) {
        send(exchange, FORBIDDEN, "text/plain", "this page is for 127.0.0.1 alone\n");
      } else if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, NOT_ALLOWED, "text/plain", "this page can only be read\n");
      } else if (path.equals("/")) {
        var page = WatchPage.make();
        exchange.getResponseHeaders().set("Content-Security-Policy", page.policy());
        send(exchange, 200, "text/html", page.html());
      } else if (path.equals(DATA)) {
        var seen = WatchedRun.of(run);
        send(exchange, 200, "application/json", WatchData.of(seen, clock.instant()).toString());
        asked = clock.instant();
      } else {
        send(exchange, NOT_FOUND, "text/plain", "there is only / and " + DATA + "\n");
      }
    }
  }

  private static void send(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type + "; charset=utf-8");
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Waits until open pages, which request data every second, have seen the end of the run. */
  public void awaitLastLooks() throws InterruptedException {
    var last = asked;
    if (last != null && Duration.between(last, clock.instant()).compareTo(OPEN) < 0) {
      Thread.sleep(LAST_LOOKS.toMillis());
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
