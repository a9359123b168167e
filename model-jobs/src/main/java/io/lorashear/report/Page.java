package io.lorashear.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jsoup.nodes.DataNode;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.DocumentType;
import org.jsoup.nodes.Element;

/**
 * One self-contained file with styles, scripts and data; its Content-Security-Policy forbids
 * loading, and allows only its own two scripts, by their hashes.
 */
final class Page {
  private static final String D3 = "/META-INF/resources/webjars/d3/7.9.0/";

  private final Document document = Document.createShell("");
  private final Element contents;
  private final Element main;

  Page(String title) {
    document.outputSettings().prettyPrint(false).charset(StandardCharsets.UTF_8);
    document.prependChild(new DocumentType("html", "", ""));
    document.title(title);
    Objects.requireNonNull(document.selectFirst("html")).attr("lang", "en");
    var head = document.head();
    head.prependElement("meta").attr("charset", "utf-8");
    head.appendElement("meta")
        .attr("name", "viewport")
        .attr("content", "width=device-width, initial-scale=1");
    head.appendElement("meta").attr("name", "color-scheme").attr("content", "light dark");
    head.appendElement("link").attr("rel", "icon").attr("href", "data:,");
    var body = document.body();
    Html.add(body, "a", "To the figures").attr("href", "#main").addClass("skip");
    var header = body.appendElement("header");
    Html.add(header, "h1", title);
    contents = header.appendElement("nav").attr("aria-label", "Parts of this page");
    main = body.appendElement("main").attr("id", "main");
  }

  /** A section of the page with its heading. */
  Element section(String id, String title) {
    Html.add(contents, "a", title).attr("href", "#" + id);
    contents.appendText(" ");
    var section =
        main.appendElement("section").attr("id", id).attr("aria-labelledby", id + "-title");
    Html.add(section, "h2", title).attr("id", id + "-title");
    return section;
  }

  /** The footer. */
  Element footer() {
    return document.body().appendElement("footer");
  }

  /** The page's text, with {@code data} embedded as JSON. */
  String html(ObjectNode data) {
    var styles = resource("report.css");
    var library = "/*\n" + resource(D3 + "LICENSE") + "*/\n" + resource(D3 + "dist/d3.min.js");
    var charts = resource("charts.js");
    document.head().appendElement("style").appendChild(new DataNode(styles));
    var body = document.body();
    body.appendElement("script")
        .attr("type", "application/json")
        .attr("id", "data")
        .appendChild(new DataNode(inScript(data)));
    for (var script : List.of(library, charts)) {
      body.appendElement("script").appendChild(new DataNode(script));
    }
    var policy =
        "default-src 'none'; img-src data:; style-src '%s'; script-src '%s' '%s'; base-uri 'none'; form-action 'none'"
            .formatted(hash(styles), hash(library), hash(charts));
    var first = Objects.requireNonNull(document.head().selectFirst("meta"));
    first.after(
        new Element("meta").attr("http-equiv", "Content-Security-Policy").attr("content", policy));
    return document.outerHtml() + "\n";
  }

  /** JSON escaped so that it cannot end the script element around it. */
  private static String inScript(ObjectNode data) {
    return data.toString().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
  }

  private static String resource(String name) {
    try (InputStream file = Page.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(String text) {
    try {
      var digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
