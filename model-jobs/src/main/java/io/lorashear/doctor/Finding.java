package io.lorashear.doctor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.JsonFile;
import java.util.Locale;
import java.util.Map;

/**
 * One finding.
 *
 * @param what a word: java, gpu, disk
 * @param text what was found, one line
 * @param remedy what to do, one line; empty where nothing is needed
 * @param facts the same as texts, numbers and booleans, for programs; names of sizes end in bytes
 */
public record Finding(
    String what, State state, String text, String remedy, Map<String, Object> facts) {

  /** State of the examined part. */
  public enum State {
    OK,
    /** Work is slower, or runs on no GPU, or may end early. */
    LACK,
    /** Commands cannot run. */
    BROKEN
  }

  static Finding ok(String what, String text, Map<String, Object> facts) {
    return new Finding(what, State.OK, text, "", facts);
  }

  static Finding lack(String what, String text, String remedy, Map<String, Object> facts) {
    return new Finding(what, State.LACK, text, remedy, facts);
  }

  static Finding broken(String what, String text, String remedy) {
    return new Finding(what, State.BROKEN, text, remedy, Map.of());
  }

  /** Text for people: the remedy has its own line, below. */
  public String lines() {
    var first = "%-10s %-7s %s".formatted(what, word(), text);
    return remedy.isEmpty() ? first : first + "\n%-18s to do: %s".formatted("", remedy);
  }

  /** JSON for programs. */
  public ObjectNode toJson() {
    var json = JsonFile.object().put("what", what).put("state", word()).put("text", text);
    json.put("remedy", remedy);
    var node = json.putObject("facts");
    facts.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(fact -> node.putPOJO(fact.getKey(), fact.getValue()));
    return json;
  }

  private String word() {
    return state.name().toLowerCase(Locale.ROOT);
  }
}
