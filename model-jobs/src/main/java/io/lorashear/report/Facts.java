package io.lorashear.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The JSON that a run has published, by its path inside the run's folder: manifests without their
 * lists of files, reports of stages, records of runs.
 *
 * @param run the folder
 * @param files parsed files, verified against the hashes in their manifests
 */
record Facts(Path run, SortedMap<String, JsonNode> files) {
  /** Name of the part that is computed for the page. */
  static final String COMPUTED = "computed";

  /** File with raw files and their hashes, one per line; an array in the facts. */
  static final String RAW = "raw.jsonl";

  private static final Set<String> REPORTS =
      Set.of(
          "report.json",
          "pruning.json",
          "profile.json",
          "recovery.json",
          "results.json",
          "contest.json");

  /** Long lists that are left out of the page. */
  private static final List<String> LONG =
      List.of("files", "shards", "history", "inputs", "leaks", "unreadable");

  /** Commands whose settings include those of all stages. */
  private static final Set<String> WHOLE = Set.of("run", "schedule", "contest");

  private static final String RUN = ".run.json";
  private static final int DEPTH = 2; // rounds/000001/corpus
  private static final int LONGEST = 20; // digits of a number in a folder's name
  private static final Pattern DIGITS = Pattern.compile("\\d+");
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads the published files of {@code run}.
   *
   * @throws InputException if nothing is published there, or a file was changed afterwards
   */
  static Facts of(Path run) {
    var facts = new Facts(run, new TreeMap<>());
    facts.read(run, "", DEPTH);
    facts.keepSettingsOnce();
    if (facts.files.keySet().stream().noneMatch(name -> name.endsWith(Publication.MANIFEST))) {
      throw new InputException(
          "%s holds no finished stage: give the folder that run, demo, schedule or contest worked"
              + " in (its setting work)",
          run);
    }
    return facts;
  }

  private void read(Path folder, String place, int depth) {
    for (var path : inside(folder)) {
      var name = String.valueOf(path.getFileName());
      if (Files.isRegularFile(path.resolve(Publication.MANIFEST))) {
        published(PublishedDirectory.open(path), place + name + "/");
      } else if (Files.isDirectory(path) && depth > 0) {
        read(path, place + name + "/", depth - 1);
      } else if (name.endsWith(RUN)) {
        files.put(place + name, JsonFile.read(path));
      } else if (place.equals("history/") && name.endsWith(".json")) {
        files.put(place + name, trimmed(JsonFile.read(path)));
      }
    }
  }

  /**
   * Removes the settings from all run records but the last, because each record has the settings of
   * the whole run.
   */
  private void keepSettingsOnce() {
    var last = wholeRun().map(Found::file).orElse("");
    files.forEach(
        (name, json) -> {
          if (name.endsWith(RUN) && !name.equals(last)) {
            ((ObjectNode) json).remove("settings");
          }
        });
  }

  private static List<Path> inside(Path folder) {
    try (var paths = Files.list(folder)) {
      return paths
          .filter(path -> !String.valueOf(path.getFileName()).startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new InputException(e, "%s cannot be read (%s): give the folder of a run", folder, e);
    }
  }

  private void published(PublishedDirectory folder, String place) {
    files.put(place + Publication.MANIFEST, trimmed(folder.manifest().deepCopy()));
    for (var entry : folder.files()) {
      if (REPORTS.contains(entry.name())) {
        files.put(place + entry.name(), JsonFile.read(folder.verified(entry.name())));
      } else if (entry.name().equals(RAW)) {
        files.put(place + RAW, lines(folder.verified(RAW)));
      }
    }
  }

  private static JsonNode trimmed(JsonNode json) {
    return ((ObjectNode) json).without(LONG);
  }

  private static ArrayNode lines(Path file) {
    var array = JSON.createArrayNode();
    try {
      for (var line : Files.readAllLines(file)) {
        array.add(JSON.readTree(line));
      }
      return array;
    } catch (JsonProcessingException e) {
      throw new InputException(
          e, "%s, line %d is no JSON: run the stage again", file, array.size() + 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file by its path; empty if the run has none. */
  Found file(String name) {
    var node = files.get(name);
    return node == null ? Found.nothing(name) : new Found(name, "", node);
  }

  /** A computed figure. */
  Found computed(String name) {
    return file(COMPUTED).at(name);
  }

  /** The same facts with computed figures. */
  Facts with(ObjectNode computed) {
    var all = new TreeMap<>(files);
    all.put(COMPUTED, computed);
    return new Facts(run, all);
  }

  /**
   * Published folders of one stage in order: {@code round-9}, {@code round-10}, then the one for
   * instructions, then those of the ceiling.
   */
  List<String> folders(String stage) {
    return files.entrySet().stream()
        .filter(entry -> entry.getKey().endsWith("/" + Publication.MANIFEST))
        .filter(entry -> entry.getValue().path("stage").asText().equals(stage))
        .map(Map.Entry::getKey)
        .map(name -> name.substring(0, name.length() - Publication.MANIFEST.length() - 1))
        .sorted(
            Comparator.comparing(Models::ofCeiling)
                .thenComparing((String name) -> name.contains("instruct"))
                .thenComparing(Facts::byNumbers))
        .toList();
  }

  /** The manifest of a folder. */
  Found manifest(String folder) {
    return file(folder + "/" + Publication.MANIFEST);
  }

  /** The name with its numbers padded with zeros, so that names sort by number. */
  private static String byNumbers(String name) {
    return DIGITS
        .matcher(name)
        .replaceAll(
            found -> "0".repeat(Math.max(0, LONGEST - found.group().length())) + found.group());
  }

  /** The pruned model's layers. */
  Layers layers() {
    return Layers.of(this);
  }

  /** Records of runs, in order of time. */
  List<Found> records() {
    return files.keySet().stream()
        .filter(name -> name.endsWith(RUN))
        .map(this::file)
        .sorted(Comparator.comparing(record -> record.at("started").text()))
        .toList();
  }

  /** The last record of a command that runs all stages. */
  Optional<Found> wholeRun() {
    return records().stream()
        .filter(record -> WHOLE.contains(record.at("command").text()))
        .reduce((first, second) -> second);
  }

  /** All facts as JSON, for the page. */
  ObjectNode json() {
    var json = JsonFile.object();
    files.forEach(json::set);
    return json;
  }
}
