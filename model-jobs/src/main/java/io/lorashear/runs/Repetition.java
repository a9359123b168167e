package io.lorashear.runs;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.FileEntry;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A publication, and the same made again.
 *
 * <pre>
 *   inputs, settings and code alike  ⇒  files alike; anything else is a finding
 * </pre>
 */
public record Repetition(PublishedDirectory first, PublishedDirectory again) {
  private static final int HASH = 12; // digits that tell two contents apart

  /** Number of files that both have with the same bytes. */
  public int sameFiles() {
    var second = hashes(again);
    return (int)
        hashes(first).entrySet().stream()
            .filter(file -> file.getValue().equals(second.get(file.getKey())))
            .count();
  }

  /** What differs, a line each: inputs, the program's code, settings, files. */
  public List<String> differences() {
    var lines = new ArrayList<String>();
    differ(
        lines,
        "input",
        texts(manifest(first).path("parents")),
        texts(manifest(again).path("parents")));
    differ(lines, "", code(first), code(again));
    var was = manifest(first).path("settings");
    var is = manifest(again).path("settings");
    if (!was.equals(is)) {
      lines.add("settings: were %s, are %s".formatted(was, is));
    }
    differ(lines, "file", hashes(first), hashes(again));
    return lines;
  }

  private static void differ(
      List<String> lines, String kind, TreeMap<String, String> was, TreeMap<String, String> is) {
    var names = new TreeSet<>(was.keySet());
    names.addAll(is.keySet());
    for (var name : names) {
      var before = was.getOrDefault(name, "missing");
      var now = is.getOrDefault(name, "missing");
      if (!before.equals(now)) {
        lines.add(
            "%s %s: was %s, is %s"
                .formatted(kind, name, shortened(before), shortened(now))
                .strip());
      }
    }
  }

  private static JsonNode manifest(PublishedDirectory folder) {
    return JsonFile.read(folder.directory().resolve(Publication.MANIFEST));
  }

  private static String shortened(String hash) {
    return hash.substring(0, Math.min(HASH, hash.length()));
  }

  private static TreeMap<String, String> code(PublishedDirectory folder) {
    var code = new TreeMap<String, String>();
    code.put("code of this program", manifest(folder).path("code").asText());
    return code;
  }

  private static TreeMap<String, String> texts(JsonNode fields) {
    var texts = new TreeMap<String, String>();
    fields.properties().forEach(field -> texts.put(field.getKey(), field.getValue().asText()));
    return texts;
  }

  private static TreeMap<String, String> hashes(PublishedDirectory folder) {
    var hashes = new TreeMap<String, String>();
    for (FileEntry file : folder.files()) {
      hashes.put(file.name(), file.sha256());
    }
    return hashes;
  }
}
