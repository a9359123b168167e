package io.lorashear.sampleworld;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Reads a sample back with nothing of what wrote it: every record's bytes by {@code file#record}.
 */
record SampleFiles(Path directory) {
  static final ObjectMapper JSON = new ObjectMapper();

  /** One page of the dump. */
  record Page(String id, String title, String namespace, boolean redirect, String text) {}

  JsonNode truth() throws IOException {
    return JSON.readTree(directory.resolve("truth.json").toFile());
  }

  List<JsonNode> planted(String source) throws IOException {
    var nodes = new ArrayList<JsonNode>();
    truth().get("planted").forEach(node -> nodes.add(node));
    nodes.removeIf(node -> !node.get("source").asText().equals(source));
    return nodes;
  }

  List<JsonNode> jsonLines(String file) throws IOException {
    var nodes = new ArrayList<JsonNode>();
    for (var line : Files.readAllLines(directory.resolve(file))) {
      nodes.add(JSON.readTree(line));
    }
    return nodes;
  }

  Map<String, byte[]> webPages() throws IOException {
    var pages = new LinkedHashMap<String, byte[]>();
    var file = "openwebtext/openwebtext.tar";
    for (var archive : tar(Files.newInputStream(directory.resolve(file))).entrySet()) {
      var inner = tar(new XZInputStream(new ByteArrayInputStream(archive.getValue())));
      inner.forEach((name, bytes) -> pages.put(file + "#" + archive.getKey() + "/" + name, bytes));
    }
    return pages;
  }

  private static Map<String, byte[]> tar(InputStream in) throws IOException {
    var members = new LinkedHashMap<String, byte[]>();
    try (var tar = new TarArchiveInputStream(in)) {
      for (var entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
        members.put(entry.getName(), tar.readAllBytes());
      }
    }
    return members;
  }

  byte[] unpacked(String file) throws IOException {
    try (var in = new GZIPInputStream(Files.newInputStream(directory.resolve(file)))) {
      return in.readAllBytes();
    }
  }

  List<String> lines(String file) throws IOException {
    return List.of(new String(unpacked(file), StandardCharsets.ISO_8859_1).split("\n", -1));
  }

  Map<String, Page> wikiPages() throws IOException, XMLStreamException {
    var file = "wikipedia/samplewiki-20260101-pages-articles-multistream.xml.bz2";
    var pages = new LinkedHashMap<String, Page>();
    try (var in =
        new BZip2CompressorInputStream(Files.newInputStream(directory.resolve(file)), true)) {
      var xml = XMLInputFactory.newInstance().createXMLStreamReader(in, "UTF-8");
      while (xml.hasNext()) {
        if (xml.next() == XMLStreamConstants.START_ELEMENT && xml.getLocalName().equals("page")) {
          var page = page(xml);
          pages.put(file + "#" + page.id(), page);
        }
      }
    }
    return pages;
  }

  private static Page page(XMLStreamReader xml) throws XMLStreamException {
    var fields = new LinkedHashMap<String, String>();
    while (xml.hasNext()) {
      var event = xml.next();
      if (event == XMLStreamConstants.END_ELEMENT && xml.getLocalName().equals("page")) {
        break;
      }
      if (event == XMLStreamConstants.START_ELEMENT
          && List.of("title", "ns", "id", "redirect", "text").contains(xml.getLocalName())) {
        fields.putIfAbsent(xml.getLocalName(), xml.getElementText());
      }
    }
    return new Page(
        fields.get("id"),
        fields.get("title"),
        fields.get("ns"),
        fields.containsKey("redirect"),
        fields.get("text"));
  }

  /** An article's prose: mark-up taken away by the plainest rules that do for what was written. */
  static String prose(String wikitext) {
    return wikitext
        .replaceAll("(?s)<!--.*?-->", "")
        .replaceAll("(?s)<ref[^>/]*/>|<ref[^>]*>.*?</ref>", "")
        .replaceAll("(?s)\\{\\|.*?\\|}", "")
        .replaceAll("\\{\\{[^{}]*}}", "")
        .replaceAll("(?s)\\{\\{[^{}]*}}", "")
        .replaceAll("(?m)^\\[\\[(File|Category):.*$|^==.*==$|^\\*.*$", "")
        .replaceAll("\\[\\[(?:[^\\]|]*\\|)?([^\\]|]*)]]", "$1")
        .replace("'''", "");
  }

  /**
   * A book's prose: what stands between its first chapter and THE END, without chapter headings.
   */
  static String prose(String etext, String lineEnd) {
    var text = etext.replace(lineEnd, "\n");
    var body = text.substring(text.indexOf("CHAPTER I\n"), text.indexOf("\nTHE END"));
    return body.replaceAll("(?m)^CHAPTER [IVX]+$", "");
  }

  static String key(JsonNode node) {
    return node.get("file").asText() + "#" + node.get("record").asText();
  }

  /** Every instruction; the file is pure ASCII. */
  JsonNode alpaca() throws IOException {
    var bytes = Files.readAllBytes(directory.resolve("alpaca/alpaca_data.json"));
    for (var b : bytes) {
      if (b < 0) {
        throw new IOException("alpaca_data.json holds a byte that is not ASCII");
      }
    }
    return JSON.readTree(bytes);
  }
}
