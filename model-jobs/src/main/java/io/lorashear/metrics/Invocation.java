package io.lorashear.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a process was started, so that the same command can be started again.
 *
 * @param arguments the command line after the program's name
 * @param folder the folder that relative paths begin in
 * @param settings text of every settings file that the command line names, by the words for it
 */
public record Invocation(List<String> arguments, Path folder, Map<String, String> settings) {
  private static volatile @Nullable Invocation own;

  public Invocation {
    arguments = List.copyOf(arguments);
    settings = Map.copyOf(settings);
  }

  /** Reads the settings files of a command line as they are now. */
  public static Invocation of(List<String> arguments) {
    var settings = new LinkedHashMap<String, String>();
    for (var argument : arguments) {
      var word = argument.substring(argument.startsWith("--") ? argument.indexOf('=') + 1 : 0);
      if ((word.endsWith(".yaml") || word.endsWith(".yml")) && Files.isRegularFile(Path.of(word))) {
        settings.put(word, text(Path.of(word)));
      }
    }
    return new Invocation(arguments, here(), settings);
  }

  /** From now on, metrics of this process say that it was started so. */
  public void record() {
    own = this;
  }

  /** The folder that relative paths of this process begin in. */
  public static Path here() {
    return Path.of("").toAbsolutePath();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  static void addOwn(ObjectNode line) {
    var known = own;
    if (known != null) {
      line.set("invocation", known.json());
    }
  }

  private ObjectNode json() {
    var json = JsonNodeFactory.instance.objectNode().put("folder", folder.toString());
    arguments.forEach(json.putArray("arguments")::add);
    var files = json.putArray("settings");
    settings.forEach((file, text) -> files.addObject().put("file", file).put("text", text));
    return json;
  }

  static Optional<Invocation> of(JsonNode line) {
    var json = line.path("invocation");
    if (json.isMissingNode()) {
      return Optional.empty();
    }
    var arguments = new ArrayList<String>();
    json.path("arguments").forEach(argument -> arguments.add(argument.asText()));
    var settings = new LinkedHashMap<String, String>();
    json.path("settings")
        .forEach(file -> settings.put(file.path("file").asText(), file.path("text").asText()));
    return Optional.of(new Invocation(arguments, Path.of(json.path("folder").asText()), settings));
  }

  /**
   * What has changed in the settings files since: a line of the file, with − as it was and + as it
   * is.
   */
  public List<String> changes() {
    var changes = new ArrayList<String>();
    settings.forEach(
        (name, before) -> {
          var file = folder.resolve(name);
          if (!Files.isRegularFile(file)) {
            changes.add(file + " is gone");
            return;
          }
          var old = before.lines().toList();
          var now = text(file).lines().toList();
          old.stream()
              .filter(line -> !now.contains(line))
              .forEach(line -> changes.add("- " + line));
          now.stream()
              .filter(line -> !old.contains(line))
              .forEach(line -> changes.add("+ " + line));
          if (changes.isEmpty() && !old.equals(now)) {
            changes.add(file + " has the same lines in another order, or another number of times");
          }
        });
    return changes;
  }
}
