package io.lorashear.watch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;

/**
 * The page: one file with its style and scripts, which requests only the run's figures, and only
 * from this program.
 *
 * @param html the page's text
 * @param policy its Content-Security-Policy: only its own scripts run, identified by a nonce
 */
record WatchPage(String html, String policy) {
  private static final String D3 = "/META-INF/resources/webjars/d3/7.9.0/";

  static WatchPage make() {
    var once = UUID.randomUUID().toString();
    var library = "/*\n" + resource(D3 + "LICENSE") + "*/\n" + resource(D3 + "dist/d3.min.js");
    var html =
        resource("watch.html")
            .replace("ONCE", once)
            .replace("/* style */", resource("watch.css"))
            .replace("/* script */", resource("watch.js"))
            .replace("/* library */", library);
    var policy =
        "default-src 'none'; img-src data:; connect-src 'self'; style-src 'nonce-%1$s'; script-src"
            + " 'nonce-%1$s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    return new WatchPage(html, policy.formatted(once));
  }

  private static String resource(String name) {
    try (InputStream file = WatchPage.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
